import type { FieldExpression, Key, KeyField, Reconciliation, Rule, RuleSet } from '../domain/index.ts';
import { capturesAll, expressionOf } from '../domain/index.ts';
import { compileExpression, type Calendars, type RecordFields } from '../rules/index.ts';
import type { RowReader } from './row-reader.ts';
import type { StoredLayout } from './stored-fields.ts';

/** A key text that is computed from a record, and the reader's field that takes it. */
export interface ComputedText {
  readonly field: number;
  readonly texts: (record: RecordFields) => readonly string[];
  /** One record may have several (captureAll): `field` then holds the first. */
  readonly several: boolean;
}

/**
 * The texts that the rules of a reconciliation compare. A slot is a pair of what is compared on the left and on the
 * right; the text of slot p lies at place p in every blob of either side, so that keys compare place by place.
 */
export class KeySlots {
  /** By side. */
  readonly layouts: readonly [StoredLayout, StoredLayout];
  /** By side: what has to be computed of each row before its keys are looked at. */
  readonly computed: readonly [readonly ComputedText[], readonly ComputedText[]];
  readonly #places = new Map<string, number>();

  constructor(
    definition: Reconciliation,
    set: Pick<RuleSet, 'calendars'>,
    calendars: Calendars,
    reader: RowReader,
  ) {
    const slots: Key[] = [];
    for (const key of definition.rules.flatMap((rule) => comparedKeys(rule))) {
      const name = JSON.stringify(bothSides(key));
      if (this.#places.has(name)) continue;
      this.#places.set(name, slots.length);
      slots.push(key);
    }
    const computed: [ComputedText[], ComputedText[]] = [[], []];
    const layoutOf = (side: 0 | 1): StoredLayout => {
      const stored: (KeyField | undefined)[] = [];
      const fields = slots.map((slot) => {
        const expression = expressionOf(slot, side === 0 ? 'left' : 'right');
        const isPlain = typeof expression === 'string';
        stored.push(isPlain && isPair(expression) ? expression : undefined);
        if (isPlain) return reader.fieldNumber(expression);
        const field = reader.computedField(nameOf(expression, set));
        if (!computed[side].some((each) => each.field === field)) {
          const texts = compileExpression(expression, calendars);
          computed[side].push({ field, texts, several: capturesAll(expression) });
        }
        return field;
      });
      const kept = new Uint8Array(Math.max(-1, ...fields) + 1);
      for (const [place, field] of fields.entries()) if (stored[place] !== undefined) kept[field] = 1;
      const pairs = stored.flatMap((field, place) => {
        if (field === undefined || stored.indexOf(field) !== place) return [];
        return [{ place, name: field.slice(11), isAttribute: field.startsWith('attributes.') }];
      });
      return { fields, kept, stored, pairs };
    };
    this.layouts = [layoutOf(0), layoutOf(1)];
    this.computed = computed;
  }

  /** Places of a rule's key texts, ascending. */
  placesOf(rule: Rule): number[] {
    const places = comparedKeys(rule).map((key) => this.#places.get(JSON.stringify(bothSides(key)))!);
    return [...new Set(places)].sort((a, b) => a - b);
  }

  /** Reads what has to be computed of the row at hand on a side. */
  compute(reader: RowReader, row: RecordFields, side: number): void {
    const computed = this.computed[side === 0 ? 0 : 1];
    for (let i = 0; i < computed.length; i++) {
      const { field, texts } = computed[i]!;
      reader.setField(field, texts(row)[0] ?? '');
    }
  }
}

/**
 * The parts of a rule's key that are compared as texts: account and currency are numbers, and part of every key. Where
 * original amounts are compared the currency of the key is theirs, and that of the record is a text like others.
 */
function comparedKeys(rule: Rule): Key[] {
  const isOriginal = rule.compare?.left === 'original' || rule.compare?.right === 'original';
  return rule.keys.filter((key) => key !== 'account' && (key !== 'currency' || isOriginal));
}

function bothSides(key: Key): readonly [FieldExpression, FieldExpression] {
  return [expressionOf(key, 'left'), expressionOf(key, 'right')];
}

function isPair(field: KeyField): boolean {
  return field.startsWith('references.') || field.startsWith('attributes.');
}

/** What is computed, in words: with the calendars that it counts by, which may be defined anew. */
function nameOf(expression: FieldExpression, set: Pick<RuleSet, 'calendars'>): string {
  const names =
    typeof expression === 'object' && 'settleDate' in expression ? expression.settleDate.calendar : [];
  return JSON.stringify([expression, names.map((name) => set.calendars?.[name] ?? name)]);
}
