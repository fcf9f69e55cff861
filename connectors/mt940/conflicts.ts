import { CounterfoilError } from '../../engine/domain/index.ts';
import { ownText } from '../statements/index.ts';
import type { StatementLine } from './grammar.ts';
import type { RawStatement } from './raw-statement.ts';

/** The most statements of a file that are remembered; beyond them the oldest are forgotten. */
const MAX_STATEMENTS = 65_536;

interface Seen {
  readonly line: number;
  readonly content: number;
}

/**
 * The statements of a file by what their ids are made of. One that comes again is the same again; other lines under its
 * name would be taken for parts of both.
 */
export class SeenStatements {
  readonly #seen = new Map<string, Seen>();

  /**
   * @param name of the statement, with the number of its first line
   * @param lines as they are read, or why not
   * @returns whether it stood before, the same
   * @throws CounterfoilError `statementConflict` where another one of that name stood before it
   */
  check(
    statement: RawStatement,
    name: string,
    lines: readonly (StatementLine | CounterfoilError)[],
  ): boolean {
    const content = hashOf(statement, lines);
    const before = this.#seen.get(name);
    if (before === undefined) {
      this.#seen.set(ownText(name), { line: statement.line, content });
      if (this.#seen.size > MAX_STATEMENTS) this.#seen.delete(this.#seen.keys().next().value!);
      return false;
    }
    if (before.content === content) return true;
    throw new CounterfoilError(
      'statementConflict',
      `another statement with this account, number and closing date stands at line ${before.line}, and its lines or balances differ; find out which is right, and take the other out`,
    );
  }
}

/**
 * A number for balances, amounts and dates: quick to make, because hardly any statement comes twice. What else differs
 * in a line is told by the line's own id.
 */
function hashOf(
  { opening, closing }: RawStatement,
  lines: readonly (StatementLine | CounterfoilError)[],
): number {
  let hash = 0x811c9dc5;
  for (const text of [opening?.text ?? '', closing?.text ?? '']) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  for (const line of lines) {
    if (line instanceof CounterfoilError) {
      hash = Math.imul(hash ^ 1, 0x5bd1e995);
      continue;
    }
    const amount = Number(line.amount);
    hash = Math.imul(hash ^ (amount | 0) ^ (line.valueDate << 7), 0x5bd1e995);
    hash ^= (amount / 2 ** 32) | (hash >>> 15);
  }
  return hash;
}
