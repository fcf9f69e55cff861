import type { Config } from '../../../engine/config/index.ts';
import type { Match } from '../../../engine/domain/index.ts';
import { matchLine } from './result-lines.ts';

/** More matches than one record can make by which they could be told apart. */
const MAX_N = 2 ** 20;

/** Tells the matches that a later version may replace from those that are final as they are made. */
export type MayChange = (match: Match) => boolean;

/**
 * A group's match grows with late members, an amendment or a superseding record takes another's place, a command undoes
 * any match; everything else is final at once.
 */
export function mayChange({ reconciliations, sources }: Config, hasCommands: boolean): MayChange {
  const replaced = sources.some((source) => source.amends !== undefined || source.supersedes !== undefined);
  if (hasCommands || replaced) return () => true;
  const groups = new Map(
    reconciliations.map(({ name, rules }) => [
      name,
      new Set(
        rules
          .filter(({ cardinality = '1:1' }) => cardinality !== '1:1' && cardinality !== 'contra')
          .map((rule) => rule.name),
      ),
    ]),
  );
  return (match) => groups.get(match.reconciliation)?.has(match.rule) === true;
}

/** The latest version of each match that may still change, as its line, in the order in which they were first made. */
export class MatchTable {
  readonly #lines = new Map<number, string>();

  /** Takes a version of a match; a later one replaces it. Reads it during the call only. */
  put(match: Match): void {
    this.#lines.set(match.matchSequence * MAX_N + match.matchN, matchLine(match));
  }

  lines(): IterableIterator<string> {
    return this.#lines.values();
  }
}
