import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Origin, Translated } from '../../engine/domain/index.ts';
import { deadLetter, toRecord } from '../contract/index.ts';
import type { PushContext, SourceContext } from '../contract/index.ts';
import { jsonMapping, valueAt } from '../mapping/index.ts';
import type { WebhookJsonSettings } from './settings.ts';

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
  const mapping = jsonMapping(settings);
  const own = mapping.contextOf(context);
  return records.map((element, ordinal): Translated => {
    const origin: Origin = { offset: event.offset, ordinal };
    try {
      const record = toRecord(mapping.toRaw(element, event.payload, context), own, settings);
      return { type: 'record', record, origin };
    } catch (error) {
      const payload = isList ? JSON.stringify(element) : event.text();
      return deadLetter(context.source, error, origin, payload);
    }
  });
}

/**
 * Reads what a dead letter kept: the body of an event, or one element of its list.
 * @param value the text as {@link Event.payload} has it
 */
export function retranslateEvent(
  value: unknown,
  text: string,
  context: PushContext,
  settings: WebhookJsonSettings,
): Translated[] {
  const { records } = settings;
  const isElement = records !== undefined && valueAt(records, value) === undefined;
  const event = { eventType: undefined, payload: value, text: () => text, offset: context.delivery };
  return translateEvent(event, context, isElement ? { ...settings, records: undefined } : settings);
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
