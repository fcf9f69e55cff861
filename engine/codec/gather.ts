import { CounterfoilError } from '../domain/index.ts';
import type { DictionaryColumn, PairsColumn, RecordFrame } from '../domain/index.ts';
import { FrameColumns } from './frame-columns.ts';
import { MAX_FRAME_RECORDS } from './limits.ts';
import { dictionaryAt } from './read-record.ts';
import type { DictionaryBuilder, PairsBuilder } from './string-builder.ts';

/**
 * One frame of rows picked from several: entry i, for i in `from` .. `to` − 1, is row `rowOf[i]` of
 * `frames[frameOf[i]]`. The result has memory of its own.
 * @throws CounterfoilError `payloadTooLarge` for more than 65536 rows, or distinct names of references or attributes
 */
export function gatherRecords(
  frames: readonly RecordFrame[],
  frameOf: Uint32Array,
  rowOf: Uint32Array,
  from: number,
  to: number,
): RecordFrame {
  const count = to - from;
  if (count > MAX_FRAME_RECORDS) throw tooLarge(`${count} records`);
  const columns = new FrameColumns(count);
  const { fixed, id, link, source, account, currency, originalCurrency, references, attributes } = columns;
  for (let i = 0; i < count; i++) {
    const frame = frames[frameOf[from + i]!]!;
    const row = rowOf[from + i]!;
    fixed.version[i] = frame.version[row]!;
    fixed.recordKind[i] = frame.recordKind[row]!;
    fixed.status[i] = frame.status[row]!;
    fixed.amount[i] = frame.amount[row]!;
    fixed.fee[i] = frame.fee[row]!;
    fixed.tax[i] = frame.tax[row]!;
    fixed.time[i] = frame.time[row]!;
    fixed.precision[i] = frame.precision[row]!;
    fixed.offsetMinutes[i] = frame.offsetMinutes[row]!;
    fixed.bookingDate[i] = frame.bookingDate[row]!;
    fixed.valueDate[i] = frame.valueDate[row]!;
    fixed.availableOn[i] = frame.availableOn[row]!;
    fixed.originalAmount[i] = frame.originalAmount[row]!;
    fixed.groupCount[i] = frame.groupCount[row]!;
    fixed.groupTotal[i] = frame.groupTotal[row]!;
    id.copy(frame.id, row);
    link.copy(frame.link, row);
    copyValue(source, frame.source, row);
    copyValue(account, frame.account, row);
    copyValue(currency, frame.currency, row);
    copyValue(originalCurrency, frame.originalCurrency, row);
    copyPairs(references, frame.references, row);
    copyPairs(attributes, frame.attributes, row);
  }
  return columns.build(count);
}

function copyValue(target: DictionaryBuilder, column: DictionaryColumn, row: number): void {
  if (!target.push(dictionaryAt(column, row))) throw tooLarge('the distinct values of a column');
}

function copyPairs(target: PairsBuilder, column: PairsColumn, row: number): void {
  const end = column.rows[row + 1]!;
  for (let i = column.rows[row]!; i < end; i++) {
    if (!target.copy(dictionaryAt(column.names, i), column.values, i)) {
      throw tooLarge('the distinct names of references or attributes');
    }
  }
  target.endRow();
}

function tooLarge(what: string): CounterfoilError {
  return new CounterfoilError(
    'payloadTooLarge',
    `${what} do not fit into one frame, which holds ${MAX_FRAME_RECORDS}; gather fewer records`,
  );
}
