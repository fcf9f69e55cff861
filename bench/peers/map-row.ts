import { dictionaryAt, stringAt } from '../../engine/codec/index.ts';
import type { RecordFrame } from '../../engine/domain/index.ts';
import {
  NO_DAY,
  PRECISION_DAY,
  RECORD_KINDS,
  RECORD_STATUSES,
  formatDay,
} from '../../engine/domain/index.ts';

/** A record as the Map matcher holds it. */
export interface Row {
  source: string;
  id: string;
  account: string;
  currency: string;
  amount: number;
  fee: number;
  tax: number;
  /** How many members its group has, where it says so. */
  groupCount: number | undefined;
  time: number;
  day: boolean;
  offsetMinutes: number;
  sequence: number;
  content: string;
  /** Text of each field that a rule names, in the order of the matcher's names. */
  fields: string[];
}

/** Row `i` of a frame as an object, with the text of every field that a rule names. */
export function readRow(frame: RecordFrame, i: number, sequence: number, fieldNames: readonly string[]): Row {
  const fields: string[] = [];
  const { rows, names, values } = frame.references;
  let references = '';
  for (let pair = rows[i]!; pair < rows[i + 1]!; pair++) {
    const name = dictionaryAt(names, pair);
    const value = stringAt(values, pair);
    const place = fieldNames.indexOf(`references.${name}`);
    if (place >= 0) fields[place] = value;
    references += `\0${name}\0${value}`;
  }
  const account = dictionaryAt(frame.account, i);
  const currency = dictionaryAt(frame.currency, i);
  const amount = frame.amount[i]!;
  const fee = frame.fee[i]!;
  const tax = frame.tax[i]!;
  const groupCount = frame.groupCount[i]!;
  const time = frame.time[i]!;
  const day = frame.precision[i] === PRECISION_DAY;
  const kind = RECORD_KINDS[frame.recordKind[i]!]!;
  const valueDate = frame.valueDate[i]!;
  for (let place = 0; place < fieldNames.length; place++) {
    const name = fieldNames[place];
    if (name === 'currency') fields[place] = currency;
    else if (name === 'account') fields[place] = account;
    else if (name === 'amount') fields[place] = String(amount);
    else if (name === 'kind') fields[place] = kind;
    else if (name === 'valueDate') fields[place] = valueDate === NO_DAY ? '' : formatDay(valueDate);
  }
  const content = [
    account,
    kind,
    RECORD_STATUSES[frame.status[i]!]!,
    currency,
    amount,
    fee,
    tax,
    time,
    day,
    frame.bookingDate[i]!,
    valueDate,
    frame.availableOn[i]!,
    stringAt(frame.link, i),
    frame.originalAmount[i]!,
    groupCount,
    references,
  ].join('\0');
  return {
    source: dictionaryAt(frame.source, i),
    id: stringAt(frame.id, i),
    account,
    currency,
    amount,
    fee,
    tax,
    groupCount: Number.isNaN(groupCount) ? undefined : groupCount,
    time,
    day,
    offsetMinutes: frame.offsetMinutes[i]!,
    sequence,
    content,
    fields,
  };
}
