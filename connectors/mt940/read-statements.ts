import { isAscii } from 'node:buffer';
import type { Translated } from '../../engine/domain/index.ts';
import { Batches, fileChunks } from '../contract/index.ts';
import type { FileContext, FileInput } from '../contract/index.ts';
import { LineReader } from './file-lines.ts';
import { StatementAssembler } from './statement.ts';
import type { RawStatement, StatementLimits } from './raw-statement.ts';

/** Makes items of the statements of one file. */
interface Translator {
  translate(statement: RawStatement): Iterable<Translated>;
  /** @param firstLine of the file, where it has one */
  end(firstLine: string | undefined): Iterable<Translated>;
}

/** Reads a file statement by statement, in batches. @param limits of one statement */
export async function* readStatements(
  input: FileInput,
  context: FileContext,
  translator: Translator,
  limits: StatementLimits,
): AsyncGenerator<Translated[]> {
  const batches = new Batches();
  let statements: RawStatement[] = [];
  const assembler = new StatementAssembler((statement) => statements.push(statement), limits);
  let first: string | undefined;
  let isAllAscii = true;
  const lines = new LineReader((text, number, offset) => {
    first ??= text;
    assembler.add(text, number, offset);
  });
  function* translated(): Generator<Translated[]> {
    const whole = statements;
    statements = [];
    for (const statement of whole) {
      for (const item of translator.translate(statement)) {
        if (batches.add(item)) yield* batches.take();
      }
    }
  }
  for await (const chunk of fileChunks(input, context.file, 0, context.size)) {
    if (isAllAscii && !isAscii(chunk)) {
      isAllAscii = false;
      assembler.beginNonAscii();
    }
    lines.push(chunk);
    yield* translated();
  }
  lines.end();
  assembler.end();
  yield* translated();
  for (const item of translator.end(first)) batches.add(item);
  yield* batches.end();
}
