import {
  DAY_MS,
  expressionOf,
  localDayOf,
  parseDay,
  type FieldExpression,
  type Filter,
  type KeyField,
  type LocalDay,
  type RecordKind,
  type RecordStatus,
  type Side,
} from '../domain/index.ts';
import { Calendars, compileExpression, fieldsOf } from '../rules/index.ts';
import type { RuleKit } from './random-rule-language.ts';
import { spell } from './random-spellings.ts';
import type { Aim, Draft } from './random-values.ts';

/** What records have in common that are to be one pair or one group. */
export interface Scene extends Aim {
  /** Texts for each of the rule's keys; several where a record names several groups. */
  readonly tokens: readonly (readonly string[])[];
  readonly account: string;
  readonly currency: string;
  readonly kind: RecordKind;
  /** About when it all happened, epoch milliseconds. */
  readonly time: number;
  /** The date of records whose key is a date; found from the first record that a date is derived from. */
  day: LocalDay;
}

const OFFSETS = [0, 0, 240, 330, -300] as const;

/** Makes single records that have the key of a scene, pass its filters most times, and lie near its time. */
export class MemberMaker {
  readonly #kit: RuleKit;
  #made = 0;

  constructor(kit: RuleKit) {
    this.#kit = kit;
  }

  /** @param time epoch milliseconds; the scene's, give or take a moment, where absent */
  member(scene: Scene, side: Side, time?: number): Draft {
    const { random, pace } = this.#kit;
    const { sources } = scene.reconciliation[side];
    this.#made += 1;
    const at = time ?? scene.time + random.integer(0, pace.moment);
    const draft: Draft = {
      source: random.pick(sources),
      id: `p${this.#made}`,
      account: scene.account,
      kind: scene.rule.keys.includes('kind') ? scene.kind : this.#kind(scene.kind),
      status: random.pick(['booked', 'booked', 'booked', 'booked', 'pending', 'void'] as const),
      currency: scene.rule.fx?.[side === 'left' ? 'from' : 'to'] ?? scene.currency,
      amount: 100n,
      fee: random.pick([0n, 0n, 2n]),
      tax: 0n,
      ...this.#time(at),
      references: {},
      attributes: {},
    };
    this.#dates(draft);
    this.#original(scene, side, draft);
    for (const [i, key] of scene.rule.keys.entries()) this.#key(scene, expressionOf(key, side), draft, i);
    this.#rate(scene, side, draft);
    if (random.chance(0.4))
      draft.attributes = { ...draft.attributes, scheme: random.pick(['visa', 'visa', 'mada']) };
    this.#pass(scene.reconciliation[side].where, draft);
    this.#pass(scene.rule.where?.[side], draft);
    const { status } = draft;
    if (scene.rule.keys.includes('status') && status !== 'booked') draft.status = 'booked';
    return draft;
  }

  /** Tells the scene the date that records of the other side must have, once a record that it derives from is made. */
  deriveDay(scene: Scene, side: Side, draft: Draft): void {
    for (const key of scene.rule.keys) {
      const expression = expressionOf(key, side);
      if (typeof expression !== 'object' || !('settleDate' in expression)) continue;
      const [text] = compileExpression(expression, new Calendars(scene.rules.calendars))(fieldsOf(draft));
      if (text !== undefined) scene.day = parseDay(text);
    }
  }

  /** Writes a token into whatever the rule's first key reads of a side's record. */
  rename(scene: Scene, side: Side, draft: Draft, tokens: readonly string[]): void {
    const expression = expressionOf(scene.rule.keys[0]!, side);
    this.#key({ ...scene, tokens: [tokens] }, expression, draft, 0);
  }

  #kind(kind: RecordKind): RecordKind {
    const { random } = this.#kit;
    return random.chance(0.6)
      ? kind
      : random.pick(['charge', 'charge', 'refund', 'captureReversal', 'bank', 'chargeback']);
  }

  #time(time: number): Pick<Draft, 'time' | 'precision' | 'offsetMinutes'> {
    const { random } = this.#kit;
    const offsetMinutes = random.pick(OFFSETS);
    if (random.chance(0.85)) return { time, precision: 'instant', offsetMinutes };
    const start = localDayOf(time, offsetMinutes) * DAY_MS - offsetMinutes * 60_000;
    return { time: start, precision: 'day', offsetMinutes };
  }

  #dates(draft: Draft): void {
    const { random } = this.#kit;
    const day = localDayOf(draft.time, draft.offsetMinutes);
    for (const field of ['bookingDate', 'valueDate', 'availableOn'] as const) {
      if (random.chance(0.6)) draft[field] = day + random.pick([-1, 0, 0, 0, 1, 2]);
    }
  }

  #original(scene: Scene, side: Side, draft: Draft): void {
    if (scene.rule.compare?.[side] !== 'original' || this.#kit.random.chance(0.1)) return;
    draft.original = { amount: draft.amount, currency: draft.currency };
    // The currency of its key is then that of the original amount.
    draft.currency = this.#kit.random.pick([draft.currency, 'EUR', 'AED']);
  }

  #rate(scene: Scene, side: Side, draft: Draft): void {
    const { fx } = scene.rule;
    if (fx === undefined || 'table' in fx.rate || fx.rate.side !== side) return;
    setText(draft, fx.rate.field, this.#kit.random.pick(['3.6725', '3.6725', '0.25', '1', 'n/a', '0', '']));
  }

  #key(scene: Scene, expression: FieldExpression, draft: Draft, i: number): void {
    const { random } = this.#kit;
    const tokens = scene.tokens[i]!;
    if (typeof expression === 'object' && 'settleDate' in expression) {
      const { of } = expression.settleDate;
      if (of !== 'time') draft[of] ??= localDayOf(draft.time, draft.offsetMinutes);
      return;
    }
    if (typeof expression === 'object') {
      setText(draft, expression.field, spell(random, expression.normalise, tokens));
    } else if (expression === 'bookingDate' || expression === 'valueDate' || expression === 'availableOn') {
      draft[expression] = scene.day + (random.chance(0.9) ? 0 : 1);
    } else {
      setText(draft, expression, random.chance(0.97) ? tokens[0]! : random.pick(['NONREF', ' ', '']));
    }
  }

  /** Gives a record what a filter asks for, most times. */
  #pass(filter: Filter | undefined, draft: Draft): void {
    const { random } = this.#kit;
    if (filter === undefined || random.chance(0.1)) return;
    for (const condition of filter) {
      const wanted = condition.in?.[0];
      switch (condition.field) {
        case 'kind':
          if (wanted !== undefined) draft.kind = random.pick(condition.in!) as RecordKind;
          else if (condition.notIn?.includes(draft.kind) === true) draft.kind = 'bank';
          break;
        case 'status':
          if (wanted !== undefined) draft.status = random.pick(condition.in!) as RecordStatus;
          else if (condition.notIn?.includes(draft.status) === true) draft.status = 'booked';
          break;
        case 'attributes.scheme':
          if (wanted !== undefined) draft.attributes = { ...draft.attributes, scheme: wanted };
          break;
        case 'valueDate':
          if (condition.gte !== undefined) draft.valueDate ??= parseDay(condition.gte);
          break;
        default:
      }
    }
  }
}

function setText(draft: Draft, field: KeyField, text: string): void {
  if (field === 'link') draft.link = text;
  else if (field.startsWith('references.'))
    draft.references = { ...draft.references, [field.slice(11)]: text };
  else if (field.startsWith('attributes.'))
    draft.attributes = { ...draft.attributes, [field.slice(11)]: text };
}
