import type { Translated } from '../../engine/domain/index.ts';
import { Batches, fileChunks } from '../contract/index.ts';
import type { Connector, FileContext } from '../contract/index.ts';
import { RowReader } from './rows.ts';
import type { Row } from './rows.ts';
import { csvSettings } from './settings.ts';
import type { CsvSettings } from './settings.ts';
import { RowTranslator } from './translate.ts';

/** Delimited text: one record a row, columns by header or by number. */
export const csv: Connector<CsvSettings> = {
  name: 'csv',
  title: 'delimited text files (ledgers, settlement reports, exports)',
  capabilities: {
    files: true,
    push: false,
    webhooks: false,
    polling: false,
    balances: false,
    appendable: true,
  },
  settings: csvSettings,
  readFile: readCsv,
};

async function* readCsv(
  path: string,
  context: FileContext,
  settings: CsvSettings,
): AsyncGenerator<Translated[]> {
  const translator = new RowTranslator(context, settings);
  const batches = new Batches();
  const reader = new RowReader(settings);
  for await (const rows of readRows(path, context, settings, reader)) {
    for (const row of rows) translator.add(row, batches);
    yield* batches.take();
  }
  translator.end(reader, batches);
  yield* batches.end();
}

/** The rows of a file, those of a piece at a time. */
async function* readRows(
  path: string,
  context: FileContext,
  settings: CsvSettings,
  reader: RowReader,
): AsyncGenerator<Row[]> {
  const { file, size, growing = false } = context;
  // What a trailer states is compared with all rows.
  const from = settings.trailer === undefined ? context.from : undefined;
  for await (const chunk of fileChunks(path, file, 0, size)) {
    const rows = reader.push(chunk);
    yield rows;
    // The first rows have told the columns; what lies between is known.
    if (from === undefined || rows.length === 0 || from.offset <= reader.offset) continue;
    reader.jump(from.offset, from.line);
    for await (const later of fileChunks(path, file, from.offset, size)) yield reader.push(later);
    break;
  }
  if (!growing) yield reader.end();
}
