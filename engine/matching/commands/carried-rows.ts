import { RecordFrameBuilder } from '../../codec/index.ts';
import {
  CounterfoilError,
  type CarriedRecord,
  type MoneyRecord,
  type RecordFrame,
} from '../../domain/index.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** The records that a command carries, as rows that the kernel can read; or why one of them is none, in one line. */
export function carriedRows(records: readonly CarriedRecord[]): RecordFrame | string {
  const builder = new RecordFrameBuilder({ maxRecords: Math.max(1, records.length), maxBytes: MAX_BYTES });
  for (const record of records) {
    try {
      if (!builder.add(recordOf(record))) return 'the command carries more than fits into a message';
    } catch (error) {
      if (!(error instanceof CounterfoilError)) throw error;
      return `record "${record.id}" of source "${record.source}" is none: ${error.message}`;
    }
  }
  return builder.build();
}

function recordOf(carried: CarriedRecord): MoneyRecord {
  const { version, bookingDate, valueDate, availableOn, link, original, groupCount, groupTotal } = carried;
  return {
    source: carried.source,
    id: carried.id,
    account: carried.account,
    kind: carried.kind,
    status: carried.status,
    currency: carried.currency,
    amount: BigInt(carried.amount),
    fee: BigInt(carried.fee),
    tax: BigInt(carried.tax),
    time: carried.time,
    precision: carried.precision,
    offsetMinutes: carried.offsetMinutes,
    references: carried.references,
    attributes: carried.attributes,
    ...(version === undefined ? {} : { version }),
    ...(bookingDate === undefined ? {} : { bookingDate }),
    ...(valueDate === undefined ? {} : { valueDate }),
    ...(availableOn === undefined ? {} : { availableOn }),
    ...(link === undefined ? {} : { link }),
    ...(original === undefined
      ? {}
      : { original: { amount: BigInt(original.amount), currency: original.currency } }),
    ...(groupCount === undefined ? {} : { groupCount }),
    ...(groupTotal === undefined ? {} : { groupTotal: BigInt(groupTotal) }),
  };
}
