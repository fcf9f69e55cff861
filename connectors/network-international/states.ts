import { CounterfoilError } from '../../engine/domain/index.ts';
import type { StateMeaning } from './settings.ts';

/**
 * What the state of a payment says about money. N-Genius has no document that lists all states: these are those of its
 * own mobile SDKs and shop plugins.
 */
export type Phase =
  /** Nothing has moved yet, and may. */
  | 'underWay'
  /** An instant payment that the payer's bank has yet to confirm; of a card, the same as under way. */
  | 'pending'
  /** Taken in one step; the payment is the charge. */
  | 'purchased'
  /** Taken by captures. */
  | 'captured'
  /** Some of it, or all, was given back. */
  | 'refunded'
  /** Undone before it was settled. */
  | 'reversed'
  /** Nothing moved, and the payer may try again. */
  | 'failed'
  /** Nothing moved, and nothing will. */
  | 'cancelled';

const PHASES: ReadonlyMap<string, Phase> = new Map([
  ['STARTED', 'underWay'],
  ['PENDING', 'pending'],
  ['AWAIT_3DS', 'underWay'],
  ['AUTHORISED', 'underWay'],
  ['POST_AUTH_REVIEW', 'underWay'],
  ['AWAITING_PARTIAL_AUTH_APPROVAL', 'underWay'],
  ['PARTIALLY_AUTHORISED', 'underWay'],
  ['PURCHASED', 'purchased'],
  ['CAPTURED', 'captured'],
  ['PARTIALLY_CAPTURED', 'captured'],
  ['PARTIALLY_REFUNDED', 'refunded'],
  ['REFUNDED', 'refunded'],
  ['REVERSED', 'reversed'],
  ['FAILED', 'failed'],
  ['DECLINED', 'failed'],
  ['PARTIAL_AUTH_DECLINED', 'failed'],
  ['PARTIAL_AUTH_DECLINED_FAILED', 'failed'],
  ['CANCELLED', 'cancelled'],
  // A card that was checked, without a payment.
  ['VERIFIED', 'cancelled'],
]);

const PHASE_OF_MEANING: { readonly [meaning in StateMeaning]: Phase } = {
  pending: 'underWay',
  booked: 'purchased',
  void: 'failed',
};

/** Of captures and refunds. */
const MEANINGS: ReadonlyMap<string, StateMeaning> = new Map([
  ['SUCCESS', 'booked'],
  ['CAPTURED', 'booked'],
  ['PARTIALLY_REFUNDED', 'booked'],
  ['REFUNDED', 'booked'],
  ['REQUESTED', 'pending'],
  ['PENDING', 'pending'],
  ['FAILED', 'void'],
  ['DECLINED', 'void'],
  ['VOIDED', 'void'],
  ['REVERSED', 'void'],
  ['CANCELLED', 'void'],
]);

type Meanings = { readonly [state: string]: StateMeaning };

/** A state in one spelling of the several that there are: `CANCELED`, `AUTHORIZED`, `AWAIT3DS`. */
export function spelled(state: string): string {
  return state
    .trim()
    .toUpperCase()
    .replaceAll(/[\s-]+/g, '_')
    .replaceAll('CANCELED', 'CANCELLED')
    .replaceAll('AUTHORIZED', 'AUTHORISED')
    .replaceAll(/AWAIT_?3_?DS/g, 'AWAIT_3DS');
}

/**
 * @param own what the configuration says about states, which counts first
 * @throws CounterfoilError `invalidField` for a state that nobody knows
 */
export function phaseOf(state: string | undefined, own: Meanings): Phase {
  const name = spelled(state ?? '');
  const phase = Object.hasOwn(own, name) ? PHASE_OF_MEANING[own[name]!] : PHASES.get(name);
  if (phase === undefined) throw unknown('payment', name);
  return phase;
}

/**
 * @param own what the configuration says about states, which counts first
 * @throws CounterfoilError `invalidField` for a state that nobody knows
 */
export function meaningOf(
  what: 'capture' | 'refund',
  state: string | undefined,
  own: Meanings,
): StateMeaning {
  const name = spelled(state ?? '');
  const meaning = Object.hasOwn(own, name) ? own[name] : MEANINGS.get(name);
  if (meaning === undefined) throw unknown(what, name);
  return meaning;
}

function unknown(what: string, state: string): CounterfoilError {
  return new CounterfoilError(
    'invalidField',
    `state "${state.slice(0, 64)}" of a ${what} is not known; say in states whether it is pending, booked or void`,
  );
}
