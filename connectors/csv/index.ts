import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Origin, Translated } from '../../engine/domain/index.ts';
import { Batches, deadLetter, fileChunks, toRecord } from '../contract/index.ts';
import type { Connector, FileContext } from '../contract/index.ts';
import type { ColumnPlan } from './columns.ts';
import { planColumns, toRaw } from './columns.ts';
import { RowReader } from './rows.ts';
import type { Row } from './rows.ts';
import { csvSettings } from './settings.ts';
import type { CsvSettings } from './settings.ts';

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
  for await (const rows of readRows(path, context, settings)) {
    for (const row of rows) translator.add(row, batches);
    yield* batches.take();
  }
  translator.end();
  yield* batches.end();
}

/** The rows of a file, those of a piece at a time. */
async function* readRows(path: string, context: FileContext, settings: CsvSettings): AsyncGenerator<Row[]> {
  const { file, size, from, growing = false } = context;
  const reader = new RowReader(settings);
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

/** Makes records of rows once the columns are known. */
class RowTranslator {
  readonly #context: FileContext;
  readonly #settings: CsvSettings;
  #plan: ColumnPlan | undefined;

  constructor(context: FileContext, settings: CsvSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  /** @throws CounterfoilError `invalidConfig` when the columns cannot be found */
  add(row: Row, batches: Batches): void {
    if (this.#plan === undefined) {
      this.#plan = this.#makePlan(row);
      if (this.#settings.header) return;
    }
    const item = this.#translate(row, this.#plan);
    if (item !== undefined) batches.add(item);
  }

  /** @throws CounterfoilError `invalidConfig` for a file without the header it should have */
  end(): void {
    if (this.#plan !== undefined || !this.#settings.header || this.#context.growing === true) return;
    throw new CounterfoilError(
      'invalidConfig',
      `${this.#context.file}: the file is empty; its first line should name the columns`,
    );
  }

  #makePlan(row: Row): ColumnPlan {
    const file = this.#context.file;
    if (row.fields === undefined || row.problem !== undefined) {
      throw new CounterfoilError(
        'invalidConfig',
        `${file}:${row.line}: the columns cannot be found in the first row: ${row.problem?.message ?? 'it is empty'}`,
      );
    }
    const plan = planColumns(row.fields, file, this.#settings);
    if (plan.ignored.length > 0) {
      const names = plan.ignored.map((name) => (name === '' ? '(no name)' : name.slice(0, 60)));
      this.#context.notice(`${file}: columns that are not read: ${names.join(', ')}`);
    }
    return plan;
  }

  #translate(row: Row, plan: ColumnPlan): Translated | undefined {
    const origin: Origin = { file: this.#context.file, line: row.line, offset: row.offset, ordinal: 0 };
    try {
      if (row.problem !== undefined) throw row.problem;
      if (row.fields === undefined) return undefined;
      if (row.fields.length !== plan.count) {
        throw new CounterfoilError(
          'malformedRow',
          `the row has ${row.fields.length} columns, the first line has ${plan.count}`,
        );
      }
      const raw = toRaw(plan, row.fields, `${this.#context.file}:${row.line}`);
      return { type: 'record', record: toRecord(raw, this.#context, this.#settings), origin };
    } catch (error) {
      // A row of nothing but delimiters is a blank line of a spreadsheet.
      if (row.fields?.every((field) => field === '') === true) return undefined;
      return deadLetter(this.#context.source, error, origin, row.text);
    }
  }
}
