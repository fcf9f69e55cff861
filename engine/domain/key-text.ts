import type { KeyField } from './fields.ts';
import { netOf, type MoneyRecord } from './record.ts';
import { formatDay } from './time.ts';

/**
 * The canonical text of a key field, by which keys are compared and partitions chosen: texts as they are, amounts as
 * integer minor units, `time` as epoch milliseconds, dates as YYYY-MM-DD, and '' where the record has none.
 */
export function keyText(record: MoneyRecord, field: KeyField): string {
  switch (field) {
    case 'id':
    case 'account':
    case 'currency':
    case 'kind':
    case 'status':
      return record[field];
    case 'link':
      return record.link ?? '';
    case 'amount':
    case 'fee':
    case 'tax':
      return record[field].toString();
    case 'net':
      return netOf(record).toString();
    case 'time':
      return record.time.toString();
    case 'bookingDate':
    case 'valueDate':
    case 'availableOn': {
      const day = record[field];
      return day === undefined ? '' : formatDay(day);
    }
    default:
      return field.startsWith('references.')
        ? own(record.references, field.slice(11))
        : own(record.attributes, field.slice(11));
  }
}

function own(pairs: Readonly<{ [name: string]: string }>, name: string): string {
  return Object.hasOwn(pairs, name) ? pairs[name]! : '';
}
