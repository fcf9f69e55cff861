import { z } from 'zod';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { RawField, RawRecord, RecordField, SourceContext } from '../contract/index.ts';
import { Conventions } from './conventions.ts';
import type { Stated } from './conventions.ts';
import { pathSetting, textOf, valueAt } from './paths.ts';
import type { JsonPath } from './paths.ts';
import { byField, checkMapping, directionWords, fieldName, mappingSettings } from './settings.ts';
import type { MappingSettings } from './settings.ts';
import type { DirectionWords } from './words.ts';

/** How JSON becomes records, by configuration. */
export interface JsonMappingSettings extends MappingSettings {
  /** By field; of several paths the texts are joined. */
  readonly fields: ReadonlyMap<RecordField, readonly JsonPath[]>;
  readonly direction?: (DirectionWords & { readonly path: JsonPath }) | undefined;
  readonly sides?: { readonly adds: JsonPath; readonly subtracts: JsonPath } | undefined;
}

/** By what the texts of several places are joined, and for which fields they are. */
export const JOINED_BY: { readonly [field: string]: string | undefined } = { id: ':', time: ' ' };

/** Paths by field, from the record or with `$.` from the body: `{ id: data.id, time: "$.created" }`. */
export const fieldPaths: z.ZodType<JsonMappingSettings['fields']> = z
  .record(
    fieldName,
    z.union([pathSetting.transform((path) => [path]), z.array(pathSetting).min(1).max(8)], {
      error: 'wants a path such as data.amount, or a list of them',
    }),
  )
  .transform(byField);

/** Spread, beside `fields`, into the schema of a connector that maps JSON. */
export const jsonMappingSettings = {
  ...mappingSettings,
  /** Only where amounts have no sign: what says whether one adds to the balance or takes away. */
  direction: z.strictObject({ path: pathSetting, ...directionWords }).optional(),
  /** In place of `fields.amount`: where amounts stand that add to the balance, and where those that take away. */
  sides: z.strictObject({ adds: pathSetting, subtracts: pathSetting }).optional(),
};

/** For the schema's `superRefine`: settings that are fine alone and not together. */
export function checkJsonMapping(
  settings: JsonMappingSettings,
  needed: readonly ('id' | 'amount' | 'time')[],
  context: z.RefinementCtx,
): void {
  const { fields, constants, sides } = settings;
  const refuse = (setting: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [setting], message });
  for (const field of needed) {
    if (field === 'amount' && sides !== undefined) continue;
    if (!fields.has(field)) refuse('fields', `no path for ${field}; every record has one`);
  }
  checkMapping(settings, fields.keys(), refuse);
  if (!fields.has('currency') && settings.currency === undefined && !constants.has('currency')) {
    refuse('currency', 'no path for currency; map it in fields, or set the currency of all');
  }
  for (const [field, paths] of fields) {
    if (paths.length > 1 && JOINED_BY[field] === undefined) {
      refuse('fields', `${field} has several paths; only those of an id or a time are joined`);
    }
  }
}

const mappings = new WeakMap<JsonMappingSettings, JsonMapping>();

/** What reads JSON by those settings; made once for each. */
export function jsonMapping(settings: JsonMappingSettings): JsonMapping {
  let mapping = mappings.get(settings);
  if (mapping === undefined) mappings.set(settings, (mapping = new JsonMapping(settings)));
  return mapping;
}

/** Reads records out of JSON whose numbers are text, or so short that none of their digits is lost. */
class JsonMapping {
  readonly #settings: JsonMappingSettings;
  readonly #fields: readonly (readonly [RecordField, readonly JsonPath[]])[];
  readonly #conventions: Conventions;

  constructor(settings: JsonMappingSettings) {
    const { direction, sides } = settings;
    this.#settings = settings;
    this.#fields = [...settings.fields];
    this.#conventions = new Conventions(settings, {
      sides,
      direction: direction === undefined ? undefined : { ...direction, place: direction.path.text },
    });
  }

  /** The context in which the contract reads the records: in the zone of their times. */
  contextOf(context: SourceContext): SourceContext {
    return this.#conventions.contextOf(context);
  }

  /**
   * @param body what `$.` in paths means
   * @param place the id where no path leads to one
   * @throws CounterfoilError where the element does not hold what the settings say
   */
  toRaw(element: unknown, body: unknown, context: SourceContext, place = ''): RawRecord {
    if (typeof element !== 'object' || element === null) {
      throw new CounterfoilError('invalidRecord', 'the record is no object; correct where records stand');
    }
    const raw: RawRecord = { id: place, references: {}, attributes: {} };
    for (const [field, paths] of this.#fields) {
      const text =
        paths.length === 1
          ? fieldText(field, paths[0]!, body, element)
          : joined(
              paths.map((path) => fieldText(field, path, body, element)),
              JOINED_BY[field],
            );
      // A mapped id that is not there is none: the place must not stand in for it.
      if (text === undefined && field !== 'id') continue;
      if (field.startsWith('references.')) raw.references[field.slice(11)] = text!;
      else if (field.startsWith('attributes.')) raw.attributes[field.slice(11)] = text!;
      else raw[field as RawField] = text ?? '';
    }
    if (this.#conventions.isPlain) return raw;
    return this.#conventions.conform(raw, context, this.#stated(body, element));
  }

  #stated(body: unknown, element: object): Stated {
    const { direction, sides } = this.#settings;
    return {
      direction: direction && fieldText('direction', direction.path, body, element),
      adds: sides && fieldText('amount', sides.adds, body, element),
      subtracts: sides && fieldText('amount', sides.subtracts, body, element),
    };
  }
}

/** One text of a field's texts. Where a part is missing, what is left would be another id or time: it is none. */
export function joined(texts: readonly (string | undefined)[], by = ':'): string | undefined {
  return texts.every((text) => text !== undefined && text !== '') ? texts.join(by) : undefined;
}

/** The single value at one of a field's paths; undefined where there is none. */
function fieldText(field: string, path: JsonPath, body: unknown, record: unknown): string | undefined {
  const value = valueAt(path, body, record);
  const text = typeof value === 'number' ? exactText(field, value) : textOf(value);
  if (value === undefined || text !== undefined) return text;
  throw new CounterfoilError(
    'invalidField',
    `${field}: at ${path.text} stands ${Array.isArray(value) ? 'a list' : 'an object'}; correct the path in the source's fields`,
  );
}

/** A number that came as a double: every decimal of up to 15 digits has one of its own, and comes back as it was. */
function exactText(field: string, value: number): string {
  const text = String(value);
  if (/^-?\d+(?:\.\d+)?$/.test(text) && text.replace(/^-?0*\.?0*/, '').replace('.', '').length <= 15)
    return text;
  throw new CounterfoilError(
    'invalidAmount',
    `${field} ${text.slice(0, 40)} is a number of more digits than are kept exactly; send it as text`,
  );
}
