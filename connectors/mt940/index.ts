import type { Translated } from '../../engine/domain/index.ts';
import { Batches, fileChunks } from '../contract/index.ts';
import type { Connector, FileContext } from '../contract/index.ts';
import { LineReader } from './file-lines.ts';
import { mt940Settings } from './settings.ts';
import type { Mt940Settings } from './settings.ts';
import { STATEMENT_LIMITS, StatementAssembler } from './statement.ts';
import type { RawStatement, StatementLimits } from './statement.ts';
import { StatementTranslator } from './translate.ts';

/** Bank statements as SWIFT MT940 files, bare or in their envelope. */
export const mt940: Connector<Mt940Settings> = {
  name: 'mt940',
  title: 'bank statements (SWIFT MT940 files)',
  // A statement that has grown has another closing date, and with it other ids.
  capabilities: { files: true, push: false, appendable: false },
  settings: mt940Settings,
  readFile: (path, context, settings) => readMt940(path, context, settings),
};

/** @param limits of one statement; see {@link STATEMENT_LIMITS} */
export async function* readMt940(
  path: string,
  context: FileContext,
  settings: Mt940Settings,
  limits: StatementLimits = STATEMENT_LIMITS,
): AsyncGenerator<Translated[]> {
  const lines = new LineReader();
  const batches = new Batches();
  const translator = new StatementTranslator(context, settings, limits);
  const statements: RawStatement[] = [];
  const assembler = new StatementAssembler((statement) => statements.push(statement), limits);
  function* translated(): Generator<Translated[]> {
    for (const statement of statements.splice(0)) {
      for (const item of translator.translate(statement)) {
        if (batches.add(item)) yield* batches.take();
      }
    }
  }
  let first: string | undefined;
  for await (const chunk of fileChunks(path, context.file, 0, context.size)) {
    for (const line of lines.push(chunk)) {
      first ??= line.text;
      assembler.add(line);
    }
    yield* translated();
  }
  for (const line of lines.end()) {
    first ??= line.text;
    assembler.add(line);
  }
  assembler.end();
  yield* translated();
  for (const item of translator.end(first)) batches.add(item);
  yield* batches.end();
}
