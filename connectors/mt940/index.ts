import type { Translated } from '../../engine/domain/index.ts';
import { Batches, fileChunks } from '../contract/index.ts';
import type { Connector, FileContext } from '../contract/index.ts';
import { LineReader } from './file-lines.ts';
import type { FileLine } from './file-lines.ts';
import { mt940Settings } from './settings.ts';
import type { Mt940Settings } from './settings.ts';
import { StatementAssembler } from './statement.ts';
import { StatementTranslator } from './translate.ts';

/** Bank statements as SWIFT MT940 files, bare or in their envelope. */
export const mt940: Connector<Mt940Settings> = {
  name: 'mt940',
  title: 'bank statements (SWIFT MT940 files)',
  // A statement that has grown has another closing date, and with it other ids.
  capabilities: { files: true, push: false, appendable: false },
  settings: mt940Settings,
  readFile: readMt940,
};

const BYTE_ORDER_MARK = '\xef\xbb\xbf';

async function* readMt940(
  path: string,
  context: FileContext,
  settings: Mt940Settings,
): AsyncGenerator<Translated[]> {
  const lines = new LineReader();
  const batches = new Batches();
  const translator = new StatementTranslator(context, settings, batches);
  const assembler = new StatementAssembler((statement) => {
    translator.add(statement);
  });
  let first: string | undefined;
  const take = (line: FileLine): void => {
    const isFirst = first === undefined;
    first ??= line.text;
    const marked = isFirst && line.text.startsWith(BYTE_ORDER_MARK);
    assembler.add(marked ? { ...line, text: line.text.slice(BYTE_ORDER_MARK.length) } : line);
  };
  for await (const chunk of fileChunks(path, context.file, 0, context.size)) {
    for (const line of lines.push(chunk)) take(line);
    yield* batches.take();
  }
  for (const line of lines.end()) take(line);
  assembler.end();
  translator.end(first);
  yield* batches.end();
}
