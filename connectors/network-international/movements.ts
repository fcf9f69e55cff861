import { CounterfoilError } from '../../engine/domain/index.ts';
import type { RecordKind } from '../../engine/domain/index.ts';
import { textAt } from '../contract/index.ts';
import { isAani, isPurchase } from './facts.ts';
import { embedded, idOf, linkSegments } from './fields.ts';
import type { NgeniusSettings, StateMeaning } from './settings.ts';
import { meaningOf, phaseOf } from './states.ts';
import type { Phase } from './states.ts';

/** The settings that bear on what moved. */
export type MovementSettings = Pick<NgeniusSettings, 'states' | 'capturedWithoutCapture'>;

/** Money that moved, or is about to, or did not after all. */
export interface Movement {
  readonly id: string;
  readonly kind: Extract<RecordKind, 'charge' | 'refund' | 'captureReversal'>;
  readonly status: StateMeaning;
  /** The resource that has its amount. */
  readonly holder: unknown;
  /** When it happened, as it is written. */
  readonly time: string | undefined;
  /** The movement that it takes back. */
  readonly link?: string | undefined;
  /** Its own references besides those of the payment. */
  readonly references: { readonly [name: string]: string | undefined };
}

/** A part that could not be read, and the one that it is. */
export interface Unread {
  readonly problem: unknown;
  readonly part: unknown;
}

/** What one payment of an order says. */
export interface PaymentReading {
  readonly movements: readonly Movement[];
  readonly unread: readonly Unread[];
  /** Undefined where its state is not known. */
  readonly phase: Phase | undefined;
}

/** A payment as it is read: where each part of it goes. */
interface Reading {
  readonly order: unknown;
  readonly payment: unknown;
  readonly settings: MovementSettings;
  readonly movements: Movement[];
  readonly unread: Unread[];
}

/**
 * What moved by a payment: its captures, or itself where it is taken in one step, their reversals, and its refunds. A
 * part that cannot be read leaves the others as they are.
 */
export function readPayment(order: unknown, payment: unknown, settings: MovementSettings): PaymentReading {
  const reading: Reading = { order, payment, settings, movements: [], unread: [] };
  let phase: Phase | undefined;
  attempt(reading, payment, () => {
    phase = phaseOf(textAt(payment, 'state'), settings.states);
    readCharges(reading, phase);
  });
  const charges = reading.movements.filter(({ kind }) => kind === 'charge').map(({ id }) => id);
  const refunds = distinct(embedded(payment, 'refund'));
  for (const refund of refunds) attempt(reading, refund, () => readRefund(reading, refund, charges));
  attempt(reading, payment, () => {
    if (phase !== 'refunded' || refunds.length > 0) return;
    throw new CounterfoilError(
      'invalidRecord',
      'the payment is refunded, but its order lists no refund of it',
    );
  });
  return { movements: reading.movements, unread: reading.unread, phase };
}

function attempt({ unread }: Reading, part: unknown, read: () => void): void {
  try {
    read();
  } catch (problem) {
    unread.push({ problem, part });
  }
}

function readCharges(reading: Reading, phase: Phase): void {
  const { order, payment } = reading;
  const captures = distinct(embedded(payment, 'capture'));
  // An instant payment is known by its own id before and after its capture, because it has one at most.
  if (isAani(payment) || (captures.length === 0 && isPurchase(order, payment)) || phase === 'purchased') {
    readWhole(reading, phase, isAani(payment));
    return;
  }
  for (const capture of captures) attempt(reading, capture, () => readCapture(reading, capture, phase));
  if (captures.length > 0 || (phase !== 'captured' && phase !== 'refunded')) return;
  if (reading.settings.capturedWithoutCapture === 'charge') {
    readWhole(reading, phase, false);
    return;
  }
  throw new CounterfoilError(
    'invalidRecord',
    'the payment is captured, but its order lists no capture of it; if that stays so, set capturedWithoutCapture: charge',
  );
}

/** A payment that is a charge by itself. */
function readWhole({ order, payment, movements }: Reading, phase: Phase, isInstant: boolean): void {
  const id = idOf(payment);
  const isTaken = phase !== 'underWay' && phase !== 'pending' && phase !== 'failed' && phase !== 'cancelled';
  // Of a card, what has not been taken is an attempt, and no record. An instant payment may have been one already.
  if (!isTaken && (!isInstant || phase === 'underWay')) return;
  const base = { id: required(id, 'payment'), holder: payment, references: {} };
  const status = isTaken ? 'booked' : phase === 'pending' ? 'pending' : 'void';
  const own = createdOf(embedded(payment, 'purchase')[0]) ?? createdOf(embedded(payment, 'capture')[0]);
  // What a payment was last changed by is its charge only until it is refunded or reversed.
  const isLast = phase !== 'refunded' && phase !== 'reversed';
  const time = own ?? (isLast ? textAt(payment, 'updateDateTime') : undefined) ?? createdOf(order);
  movements.push({ ...base, kind: 'charge', status, time });
  if (phase === 'reversed') movements.push(reversalOf(payment, base));
}

function readCapture({ order, payment, settings, movements }: Reading, capture: unknown, phase: Phase): void {
  // Older answers have no address of a capture, but one of what refunds it: `…/captures/{id}/refund`.
  const id = required(idOf(capture) ?? linkSegments(capture, 'cnp:refund').at(-2), 'capture');
  const status = meaningOf('capture', textAt(capture, 'state'), settings.states);
  const base = { id, holder: capture, references: { capture: id } };
  const updated = phase === 'captured' ? textAt(payment, 'updateDateTime') : undefined;
  movements.push({
    ...base,
    kind: 'charge',
    status,
    time: createdOf(capture) ?? updated ?? createdOf(order),
  });
  if (phase === 'reversed' && status === 'booked') movements.push(reversalOf(payment, base));
}

/** What is undone before it was settled has no id: it happens once at most. */
function reversalOf(
  payment: unknown,
  { id, ...base }: Pick<Movement, 'id' | 'holder' | 'references'>,
): Movement {
  const time = textAt(payment, 'updateDateTime');
  return { ...base, id: `${id}:reversal`, kind: 'captureReversal', status: 'booked', time, link: id };
}

function readRefund(
  { payment, settings, movements }: Reading,
  refund: unknown,
  charges: readonly string[],
): void {
  const id = required(idOf(refund), 'refund');
  const status = meaningOf('refund', textAt(refund, 'state'), settings.states);
  const segments = linkSegments(refund, 'self');
  const named = segments.includes('captures') ? segments[segments.indexOf('captures') + 1] : undefined;
  const link = charges.find((charge) => charge === named) ?? (charges.length === 1 ? charges[0] : named);
  movements.push({
    id,
    kind: 'refund',
    status,
    holder: refund,
    time: createdOf(refund) ?? textAt(payment, 'updateDateTime'),
    link: link === id ? undefined : link,
    references: { refund: id, capture: named },
  });
}

/** When a resource was made: its name differs between resources and versions. */
function createdOf(resource: unknown): string | undefined {
  return (
    textAt(resource, 'createdTime') ?? textAt(resource, 'createDateTime') ?? textAt(resource, 'createdDate')
  );
}

/** Without those that are listed twice. */
function distinct(resources: readonly unknown[]): readonly unknown[] {
  const seen = new Set<string>();
  return resources.filter((resource) => {
    const id = idOf(resource);
    if (id === undefined) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

function required(id: string | undefined, what: string): string {
  if (id !== undefined) return id;
  throw new CounterfoilError('invalidField', `a ${what} has neither an address nor an id to be known by`);
}
