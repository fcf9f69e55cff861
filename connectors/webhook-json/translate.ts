import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Origin, Translated } from '../../engine/domain/index.ts';
import { deadLetter, toRecord } from '../contract/index.ts';
import type { RawField, RawRecord, SourceContext } from '../contract/index.ts';
import { valueAt } from './paths.ts';
import type { WebhookJsonSettings } from './settings.ts';
import { fieldText, isSubtracted, mapped, timeText, withAmounts } from './values.ts';

/** An event whose sender is proven. */
export interface Event {
  readonly eventType: string | undefined;
  /** The body with numbers as their text; undefined where it is no JSON. */
  readonly payload: unknown;
  /** The body as it came, for dead letters. */
  readonly text: () => string;
  /** Number of the event in the life of the session: the `offset` of its origins. */
  readonly offset: number;
}

/**
 * What an event makes known: one item for each of its records, in their order; nothing for one that is ignored. What
 * cannot become a record is a dead letter with the body or, where the body holds a list, with its element.
 */
export function translateEvent(
  event: Event,
  context: SourceContext,
  settings: WebhookJsonSettings,
): Translated[] {
  if (isIgnored(event.eventType, settings.ignore)) return [];
  let records: readonly unknown[];
  let isList: boolean;
  try {
    const found = recordsOf(event.payload, settings);
    isList = Array.isArray(found);
    records = isList ? (found as readonly unknown[]) : [found];
  } catch (error) {
    return [deadLetter(context.source, error, { offset: event.offset, ordinal: 0 }, event.text())];
  }
  return records.map((element, ordinal): Translated => {
    const origin: Origin = { offset: event.offset, ordinal };
    try {
      const record = toRecord(rawOf(element, event.payload, settings), context, settings);
      return { type: 'record', record, origin };
    } catch (error) {
      const payload = isList ? JSON.stringify(element) : event.text();
      return deadLetter(context.source, error, origin, payload);
    }
  });
}

function isIgnored(eventType: string | undefined, ignore: readonly string[]): boolean {
  if (eventType === undefined) return false;
  return ignore.some((type) =>
    type.endsWith('*') ? eventType.startsWith(type.slice(0, -1)) : eventType === type,
  );
}

function recordsOf(payload: unknown, { records }: WebhookJsonSettings): unknown {
  if (payload === undefined) {
    throw new CounterfoilError(
      'malformedDelivery',
      'the delivery is proven, but its body is no JSON in UTF-8',
    );
  }
  const found = records === undefined ? payload : valueAt(records, payload);
  if (typeof found === 'object' && found !== null) return found;
  throw new CounterfoilError(
    'invalidRecord',
    `no object or list stands at ${records?.text ?? 'the top of the body'}; correct records, or ignore the type of event if it tells of no money`,
  );
}

/** @throws CounterfoilError where the element does not hold what the settings say */
function rawOf(element: unknown, body: unknown, settings: WebhookJsonSettings): RawRecord {
  if (typeof element !== 'object' || element === null) {
    throw new CounterfoilError('invalidRecord', 'the record is no object; correct the path in records');
  }
  const plain: { [field in RawField]?: string } = {};
  const references: { [name: string]: string } = {};
  const attributes: { [name: string]: string } = {};
  const put = (field: string, text: string | undefined): void => {
    if (text === undefined) return;
    if (field.startsWith('references.')) references[field.slice(11)] = text;
    else if (field.startsWith('attributes.')) attributes[field.slice(11)] = text;
    else plain[field as RawField] = text;
  };
  for (const [field, text] of settings.constants) put(field, text);
  for (const [field, paths] of settings.fields) {
    const found = paths.map((path) => fieldText(field, path, body, element));
    put(field, inOurWords(field, joined(found), settings));
  }
  return withAmounts(
    {
      ...plain,
      references,
      attributes,
      id: plain.id ?? '',
    },
    settings,
    isSubtracted(settings.direction, body, element),
  );
}

/** One text of a field's texts. An id of which a part is missing would be another record's: it is none. */
function joined(texts: readonly (string | undefined)[]): string | undefined {
  const isWhole = texts.every((text) => text !== undefined && text !== '');
  return isWhole ? texts.join(':') : undefined;
}

function inOurWords(
  field: string,
  text: string | undefined,
  settings: WebhookJsonSettings,
): string | undefined {
  switch (field) {
    case 'kind':
      return mapped('kind', text, settings.kinds);
    case 'status':
      return mapped('status', text, settings.statuses);
    case 'time':
      return timeText(text, settings.timeIn);
    default:
      return text;
  }
}
