import { CounterfoilError } from '../../../engine/domain/index.ts';
import type { Origin, Translated } from '../../../engine/domain/index.ts';
import { Batches, deadLetter, fileChunks } from '../../contract/index.ts';
import type { FileContext } from '../../contract/index.ts';
import { RowReader } from '../../csv/rows.ts';
import type { Row } from '../../csv/rows.ts';
import { recordOf } from '../movement.ts';
import { Columns } from './columns.ts';
import { rowMovement } from './row.ts';
import { Section } from './section.ts';
import type { PaypalReportSettings } from './settings.ts';

/**
 * Reads a settlement report (`STL-yyyymmdd.nn.version.CSV`) row by row: report, file and section headers (`RH`, `FH`, `SH`), the
 * names of columns (`CH`), transactions (`SB`), then totals by currency (`SF`), counts (`SC`, `RC`) and ends (`RF`, `FF`).
 * Source: developer.paypal.com/docs/reports/sftp-reports/settlement-report.
 */
export async function* readReport(
  path: string,
  context: FileContext,
  settings: PaypalReportSettings,
): AsyncGenerator<Translated[]> {
  const reader = new RowReader({ encoding: 'utf-8', delimiter: settings.delimiter });
  const report = new Report(context, settings);
  const batches = new Batches();
  for await (const chunk of fileChunks(path, context.file, 0, context.size)) {
    for (const row of reader.push(chunk)) for (const item of report.take(row)) batches.add(item);
    yield* batches.take();
  }
  for (const row of reader.end()) for (const item of report.take(row)) batches.add(item);
  for (const item of report.end(reader)) batches.add(item);
  yield* batches.end();
}

/** Makes items of the rows of one file. */
class Report {
  readonly #context: FileContext;
  readonly #settings: PaypalReportSettings;
  #section: Section | undefined;
  #columns: Columns | undefined;
  /** Of a report in several files: the totals of the last one may be of rows in the others. */
  #isAlone = false;
  #isBegun = false;
  #isEnded = false;
  /** What is no report is told once. */
  #isForeign = false;
  readonly #done: Section[] = [];

  constructor(context: FileContext, settings: PaypalReportSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  *take(row: Row): Generator<Translated> {
    if (this.#isForeign) return;
    const origin: Origin = { file: this.#context.file, line: row.line, offset: row.offset, ordinal: 0 };
    try {
      yield* this.#read(row, origin);
    } catch (error) {
      if (isBody(row)) this.#section?.addUnread();
      else if (row.problem !== undefined || row.fields?.length !== this.#columns?.count) this.#forget();
      yield deadLetter(this.#context.source, error, origin, row.text);
    }
  }

  /** Of what cannot be read nobody knows that it did not begin something else: rows below it would be read wrongly. */
  #forget(): void {
    this.#columns = undefined;
    this.#section = undefined;
  }

  /** What the end of the file means. */
  *end({ offset, line }: { readonly offset: number; readonly line: number }): Generator<Translated> {
    if (this.#isEnded || this.#isForeign) return;
    const problem = new CounterfoilError(
      'malformedStatement',
      'the file ends before the report does (FF); fetch it again',
    );
    yield deadLetter(
      this.#context.source,
      problem,
      { file: this.#context.file, line, offset, ordinal: 1 },
      '',
    );
  }

  *#read(row: Row, origin: Origin): Generator<Translated> {
    if (row.problem !== undefined) throw row.problem;
    const { fields } = row;
    if (fields === undefined || fields.every((field) => field === '')) return;
    const type = fields[0]!.trim();
    if (!this.#isBegun) this.#begin(type);
    switch (type) {
      case 'RH':
      case 'RC':
        return;
      case 'FH':
        this.#isAlone = Number(fields[1]) === 1;
        return;
      case 'SH':
        this.#section = new Section((fields[3] ?? '').trim());
        this.#columns = undefined;
        return;
      case 'CH':
        this.#columns = undefined;
        this.#columns = new Columns(fields);
        return;
      case 'SB':
        yield* this.#body(fields, origin);
        return;
      case 'SF':
        this.#needSection().state(fields, row.line, this.#settings);
        return;
      case 'SC':
        this.#done.push(this.#needSection());
        if (this.#isAlone) this.#needSection().checkCount(fields);
        return;
      case 'RF':
        if (this.#isAlone) for (const section of this.#done) yield* section.findings(this.#context);
        this.#done.length = 0;
        return;
      case 'FF':
        this.#isEnded = true;
        return;
      default:
        throw new CounterfoilError(
          'malformedRow',
          `the row begins with "${type.slice(0, 20)}", which is no type of row`,
        );
    }
  }

  #begin(type: string): void {
    this.#isBegun = true;
    if (type === 'RH') return;
    this.#isForeign = true;
    throw new CounterfoilError(
      'malformedStatement',
      'the file does not begin with the header of a settlement report (RH); none of it is read',
    );
  }

  *#body(fields: readonly string[], origin: Origin): Generator<Translated> {
    const section = this.#needSection();
    if (this.#columns === undefined) {
      throw new CounterfoilError(
        'malformedRow',
        'the row stands in a section whose columns have no names (CH)',
      );
    }
    const cells = this.#columns.read(fields);
    const movement = rowMovement(cells, section.account, this.#settings);
    if (movement === undefined) {
      section.addUnread();
      return;
    }
    const item = recordOf(() => movement, fields, this.#context, origin);
    if (item?.type === 'record') section.add(item.record);
    else section.addUnread();
    if (item !== undefined) yield item;
  }

  #needSection(): Section {
    if (this.#section !== undefined) return this.#section;
    throw new CounterfoilError('malformedRow', 'the row stands outside of a section (SH)');
  }
}

/** Whether a row is a transaction, as far as it can be told. */
function isBody({ fields, text }: Row): boolean {
  return fields === undefined ? /^"?SB"?,/.test(text) : fields[0]?.trim() === 'SB';
}
