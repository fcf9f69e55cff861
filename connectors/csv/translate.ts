import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Origin, Translated } from '../../engine/domain/index.ts';
import { deadLetter, toRecord } from '../contract/index.ts';
import type { Batches, FileContext, SourceContext } from '../contract/index.ts';
import { Conventions } from '../mapping/index.ts';
import { planColumns, statedIn, toRaw } from './columns.ts';
import type { ColumnPlan } from './columns.ts';
import { passes } from './row-settings.ts';
import type { Row } from './rows.ts';
import type { CsvSettings } from './settings.ts';
import { TrailerCheck } from './trailer.ts';

/** Where the reader of rows has come to. */
interface Place {
  readonly offset: number;
  readonly line: number;
}

/** Makes records of rows once the columns are known. */
export class RowTranslator {
  readonly #context: FileContext;
  readonly #settings: CsvSettings;
  readonly #conventions: Conventions;
  /** In the zone of the rows' times. */
  readonly #own: SourceContext;
  readonly #trailer: TrailerCheck | undefined;
  /** Whether some rows are no movements of money. */
  readonly #isSelective: boolean;
  #plan: ColumnPlan | undefined;
  /** The last rows so far, which are the trailer if no others come. */
  #held: Row[] = [];
  #ignored = 0;

  constructor(context: FileContext, settings: CsvSettings) {
    const { direction, sides, trailer } = settings;
    this.#context = context;
    this.#settings = settings;
    this.#conventions = new Conventions(settings, {
      sides,
      direction:
        direction === undefined ? undefined : { ...direction, place: `column ${String(direction.column)}` },
    });
    this.#isSelective = settings.ignore.length > 0 || trailer?.where !== undefined;
    this.#own = this.#conventions.contextOf(context);
    this.#trailer =
      trailer === undefined ? undefined : new TrailerCheck(context, settings, this.#conventions);
  }

  /** @throws CounterfoilError `invalidConfig` when the columns cannot be found */
  add(row: Row, batches: Batches): void {
    if (this.#plan === undefined) {
      this.#plan = this.#makePlan(row);
      if (this.#settings.header) return;
    }
    // A row of nothing but delimiters is a blank line of a spreadsheet.
    if (row.problem === undefined && isBlank(row)) return;
    const rows = this.#settings.trailer?.rows;
    if (rows === undefined) {
      this.#take(row, this.#plan, batches);
      return;
    }
    this.#held.push(row);
    if (this.#held.length > rows) this.#take(this.#held.shift()!, this.#plan, batches);
  }

  /**
   * Takes the file's end.
   * @throws CounterfoilError `invalidConfig` for a file without the header it should have
   */
  end({ offset, line }: Place, batches: Batches): void {
    const { file, growing = false } = this.#context;
    if (growing) return;
    if (this.#plan === undefined && this.#settings.header) {
      throw new CounterfoilError(
        'invalidConfig',
        `${file}: the file is empty; its first line should name the columns`,
      );
    }
    const rows = this.#settings.trailer?.rows;
    if (rows !== undefined && this.#plan !== undefined) {
      const [first] = this.#held;
      if (this.#held.length === rows && first !== undefined) this.#check(first, this.#plan, batches);
      else for (const row of this.#held) this.#take(row, this.#plan, batches);
    }
    const cut = this.#trailer?.end({ file, line, offset, ordinal: 0 });
    if (cut !== undefined) batches.add(cut);
    if (this.#ignored > 0) {
      const passed = this.#ignored === 1 ? '1 row was' : `${this.#ignored} rows were`;
      this.#context.notice(`${file}: ${passed} passed over, as configured`);
    }
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

  #take(row: Row, plan: ColumnPlan, batches: Batches): void {
    const { ignore, trailer } = this.#settings;
    const { fields } = row;
    if (this.#isSelective && fields !== undefined && row.problem === undefined) {
      if (trailer?.where !== undefined && passes(trailer.where, fields[plan.trailer.where])) {
        this.#check(row, plan, batches);
        return;
      }
      if (ignore.some((test, n) => passes(test, fields[plan.ignore[n]!]))) {
        this.#ignored++;
        this.#trailer?.count(undefined);
        return;
      }
    }
    const item = this.#translate(row, plan);
    if (item === undefined) return;
    this.#trailer?.count(item);
    batches.add(item);
  }

  #check(row: Row, plan: ColumnPlan, batches: Batches): void {
    const item = this.#trailer?.check(row, plan, this.#originOf(row));
    if (item !== undefined) batches.add(item);
  }

  #originOf({ line, offset }: Row): Origin {
    return { file: this.#context.file, line, offset, ordinal: 0 };
  }

  #translate(row: Row, plan: ColumnPlan): Translated | undefined {
    const origin = this.#originOf(row);
    try {
      if (row.problem !== undefined) throw row.problem;
      if (row.fields === undefined) return undefined;
      if (row.fields.length !== plan.count) {
        throw new CounterfoilError(
          'malformedRow',
          `the row has ${row.fields.length} columns, the first line has ${plan.count}`,
        );
      }
      const read = toRaw(plan, row.fields, `${this.#context.file}:${row.line}`);
      const raw = this.#conventions.isPlain
        ? read
        : this.#conventions.conform(read, this.#context, statedIn(plan, row.fields));
      return { type: 'record', record: toRecord(raw, this.#own, this.#settings), origin };
    } catch (error) {
      return deadLetter(this.#context.source, error, origin, row.text);
    }
  }
}

function isBlank({ fields }: Row): boolean {
  if (fields === undefined) return true;
  for (const field of fields) if (field !== '') return false;
  return true;
}
