import type { Happening, Payment } from '../scenario/index.ts';
import { chanceOf } from '../seeded.ts';
import { ngeniusIds, styleOf } from './ids.ts';
import { attemptOf, authResponseOf, captureOf, orderOf, paymentOf, refundOf, timeText } from './objects.ts';
import type { SimulatedOrder, SimulatedPart, SimulatedPayment } from './objects.ts';

/** The body of a webhook: what happened, and the order as it was then. */
export interface SimulatedEvent {
  readonly outletId: string;
  readonly eventId: string;
  readonly eventName: string;
  readonly order: SimulatedOrder;
}

/** An order with the payment of the scenario that it is for. */
interface Booked {
  readonly payment: Payment;
  readonly order: SimulatedOrder;
  /** The attempt that succeeded. */
  readonly paid: SimulatedPayment;
  /** What its state is while nothing is given back. */
  takenState: string;
}

/** Something that goes on by itself. */
interface Due {
  readonly atMs: number;
  readonly happen: () => readonly SimulatedEvent[];
}

const MINUTE_MS = 60_000;

/** The state of the outlets: what a scenario has done to them so far, and what comes of it later. */
export class NgeniusBooks {
  readonly #orders = new Map<string, Booked>();
  /** The next one first. */
  readonly #due: Due[] = [];

  /** When something goes on by itself, epoch milliseconds. */
  get nextDueMs(): number | undefined {
    return this.#due[0]?.atMs;
  }

  /** @returns the events that follow, in order */
  apply(happening: Happening): readonly SimulatedEvent[] {
    const { atMs } = happening;
    switch (happening.type) {
      case 'charge':
        return this.#charge(happening.payment, atMs);
      case 'refund': {
        const booked = this.#booked(happening.payment);
        const refund = refundOf(happening.payment, happening.refund, -happening.movement.amount, atMs);
        (booked.paid._embedded['cnp:refund'] ??= []).push(refund);
        const requested = changed(booked, 'REFUND_REQUESTED', atMs);
        // Some are done at once, others wait for the acquirer.
        if (chanceOf('slow refund', happening.refund) < 0.5)
          return [requested, ...settled(booked, refund, atMs)];
        this.#later(
          atMs + (10 + Math.floor(chanceOf('refunds in', happening.refund) * 170)) * MINUTE_MS,
          (ms) => settled(booked, refund, ms),
        );
        return [requested];
      }
      case 'refundFailed': {
        const booked = this.#booked(happening.payment);
        const id = ngeniusIds.refund(happening.refund);
        const refund = booked.paid._embedded['cnp:refund']!.find(({ _links }) =>
          _links['self']!.href.endsWith(id),
        )!;
        const isVoided = chanceOf('voided', id) < 0.5;
        refund.state = isVoided ? 'VOIDED' : 'FAILED';
        booked.paid.state = stateAfterRefunds(booked);
        return [changed(booked, isVoided ? 'REFUND_VOIDED' : 'REFUND_FAILED', atMs)];
      }
      // A gateway knows nothing of disputes and of what is paid out: those are between merchant and acquirer.
      default:
        return [];
    }
  }

  /** Lets happen what has become due. @returns the events that follow, in order */
  settle(nowMs: number): readonly SimulatedEvent[] {
    const events: SimulatedEvent[] = [];
    while (this.#due.length > 0 && this.#due[0]!.atMs <= nowMs) events.push(...this.#due.shift()!.happen());
    return events;
  }

  /** The order of an outlet; undefined where there is none. */
  find(outlet: string, reference: string): SimulatedOrder | undefined {
    const order = this.#orders.get(reference)?.order;
    return order?.outletId === outlet ? order : undefined;
  }

  #charge(payment: Payment, atMs: number): readonly SimulatedEvent[] {
    const order = orderOf(payment, atMs);
    const paid = paymentOf(payment, atMs);
    const attempt = attemptOf(payment, atMs);
    const booked: Booked = { payment, order, paid, takenState: 'CAPTURED' };
    order._embedded.payment.push(...(attempt === undefined ? [] : [attempt]), paid);
    this.#orders.set(order.reference, booked);
    const events = attempt?.state === 'FAILED' ? [eventOf(booked, 'AUTHORISATION_FAILED', atMs)] : [];
    switch (styleOf(payment.id)) {
      case 'aani': {
        paid.state = 'PENDING';
        const inMs = 20_000 + Math.floor(chanceOf('confirmed in', payment.id) * 10 * MINUTE_MS);
        this.#later(atMs + inMs, (ms) => confirmed(booked, atMs, ms));
        return [...events, eventOf(booked, 'APM_PAYMENT_ACCEPTED', atMs)];
      }
      case 'purchase':
        paid.authResponse = authResponseOf(payment);
        booked.takenState = 'PURCHASED';
        paid.state = 'PURCHASED';
        return [...events, eventOf(booked, 'PURCHASED', atMs)];
      case 'auth':
        paid.authResponse = authResponseOf(payment);
        paid.state = 'AUTHORISED';
        events.push(eventOf(booked, 'AUTHORISED', atMs));
        break;
      case 'sale':
        paid.authResponse = authResponseOf(payment);
    }
    paid.state = 'CAPTURED';
    paid._embedded['cnp:capture'] = [captureOf(payment, atMs)];
    return [...events, eventOf(booked, 'CAPTURED', atMs)];
  }

  #booked(payment: Payment): Booked {
    return this.#orders.get(ngeniusIds.order(payment.id))!;
  }

  #later(atMs: number, happen: (nowMs: number) => readonly SimulatedEvent[]): void {
    this.#due.push({ atMs, happen: () => happen(atMs) });
    this.#due.sort((a, b) => a.atMs - b.atMs);
  }
}

/** The payer's bank has confirmed what the payer agreed to at `atMs`. */
function confirmed(booked: Booked, atMs: number, nowMs: number): readonly SimulatedEvent[] {
  const { payment, paid } = booked;
  const isPurchased = chanceOf('Aani purchase', payment.id) < 0.5;
  booked.takenState = isPurchased ? 'PURCHASED' : 'CAPTURED';
  paid.state = booked.takenState;
  paid._embedded[isPurchased ? 'cnp:purchase' : 'cnp:capture'] = [captureOf(payment, atMs)];
  return [changed(booked, booked.takenState, nowMs)];
}

/** A refund that was asked for has been made. */
function settled(booked: Booked, refund: SimulatedPart, nowMs: number): readonly SimulatedEvent[] {
  refund.state = 'SUCCESS';
  booked.paid.state = stateAfterRefunds(booked);
  return [changed(booked, booked.paid.state, nowMs)];
}

function stateAfterRefunds({ paid, takenState }: Booked): string {
  const given = (paid._embedded['cnp:refund'] ?? [])
    .filter(({ state }) => state === 'SUCCESS')
    .reduce((sum, { amount }) => sum + amount.value, 0);
  if (given === 0) return takenState;
  return given === paid.amount.value ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
}

function changed(booked: Booked, eventName: string, nowMs: number): SimulatedEvent {
  booked.paid.updateDateTime = timeText(nowMs);
  return eventOf(booked, eventName, nowMs);
}

function eventOf({ order, paid }: Booked, eventName: string, atMs: number): SimulatedEvent {
  return {
    outletId: order.outletId,
    eventId: ngeniusIds.event(`${eventName}/${paid.reference}/${atMs}`),
    eventName,
    order: structuredClone(order),
  };
}
