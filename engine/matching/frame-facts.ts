import type { RecordFrame } from '../domain/index.ts';
import { NO_DAY } from '../domain/index.ts';
import * as facts from './rare-facts.ts';

/** Which rare facts any row of a frame has: the others need not be looked for row by row. */
export function factsOf(frame: RecordFrame): number {
  const { offsets } = frame.link;
  return (
    (hasAmount(frame.fee) ? facts.FEE : 0) |
    (hasAmount(frame.tax) ? facts.TAX : 0) |
    (hasDay(frame.bookingDate) ? facts.BOOKING_DATE : 0) |
    (hasDay(frame.valueDate) ? facts.VALUE_DATE : 0) |
    (hasDay(frame.availableOn) ? facts.AVAILABLE_ON : 0) |
    (offsets[frame.count]! > offsets[0]! ? facts.LINK : 0) |
    (hasNumber(frame.originalAmount) ? facts.ORIGINAL : 0) |
    (hasNumber(frame.groupCount) ? facts.GROUP_COUNT : 0) |
    (hasNumber(frame.groupTotal) ? facts.GROUP_TOTAL : 0) |
    (hasVersion(frame.version) ? facts.VERSION : 0)
  );
}

function hasAmount(column: Float64Array): boolean {
  for (let i = 0; i < column.length; i++) if (column[i] !== 0) return true;
  return false;
}

function hasNumber(column: Float64Array): boolean {
  for (let i = 0; i < column.length; i++) if (!Number.isNaN(column[i]!)) return true;
  return false;
}

function hasDay(column: Int32Array): boolean {
  for (let i = 0; i < column.length; i++) if (column[i] !== NO_DAY) return true;
  return false;
}

function hasVersion(column: Uint32Array): boolean {
  for (let i = 0; i < column.length; i++) if (column[i] !== 0) return true;
  return false;
}
