import { formatDay } from '../domain/index.ts';
import type { FieldExpression, LocalDay, SettleDate } from '../domain/index.ts';
import type { Calendars } from './business-days.ts';
import { compileNormalisers } from './normalise.ts';
import type { RecordFields } from './record-fields.ts';
import { batchDay, settleDay, zoneOf } from './settle-date.ts';

/** Settlement days remembered, by batch day. */
const MAX_DAYS = 4096;

/**
 * What a key compares of a record, as a function: its texts. None: the record has no key by this expression, because
 * a field is absent or empty or a capture missed. More than one only with captureAll: each makes a key. Null values
 * are for the caller to leave out.
 * @throws CounterfoilError `invalidRule` for a calendar that is not defined or a regular expression that is refused,
 *   `invalidConfig` for a zone that does not exist
 */
export function compileExpression(
  expression: FieldExpression,
  calendars: Calendars,
): (record: RecordFields) => readonly string[] {
  if (typeof expression === 'string') {
    return (record) => {
      const text = record.text(expression);
      return text === '' ? NONE : [text];
    };
  }
  if ('settleDate' in expression) return compileSettleDate(expression.settleDate, calendars);
  const { field } = expression;
  const normalise = compileNormalisers(expression.normalise);
  return (record) => {
    const text = record.text(field);
    return text === '' ? NONE : normalise(text);
  };
}

const NONE: readonly string[] = [];

function compileSettleDate(
  settle: SettleDate,
  calendars: Calendars,
): (record: RecordFields) => readonly string[] {
  const days = calendars.of(settle.calendar);
  zoneOf(settle.zone);
  const known = new Map<LocalDay, readonly string[]>();
  return (record) => {
    const batch = batchDay(settle, record);
    if (batch === undefined) return NONE;
    let texts = known.get(batch);
    if (texts === undefined) {
      if (known.size >= MAX_DAYS) known.clear();
      texts = [formatDay(settleDay(settle, batch, days))];
      known.set(batch, texts);
    }
    return texts;
  };
}
