import type Stripe from 'stripe';
import type { Faults } from '../faults.ts';
import type { Happening, Movement, Payout } from '../scenario/index.ts';
import { chanceOf } from '../seeded.ts';
import { stripeIds } from './ids.ts';
import { balanceTransactionOf, payoutOf } from './objects.ts';
import { chargeOf, disputeOf, refundOf } from './payment-objects.ts';
import type { SimulatedDispute } from './payment-objects.ts';

/** An event, its object as it was then. */
export interface SimulatedEvent {
  readonly id: string;
  readonly object: 'event';
  readonly api_version: string;
  readonly created: number;
  readonly data: { readonly object: object };
  readonly livemode: boolean;
  pending_webhooks: number;
  readonly request: { readonly id: null; readonly idempotency_key: null };
  readonly type: string;
}

type EventObject = Stripe.Charge | Stripe.Refund | Stripe.Payout | SimulatedDispute;

/** Things in the order in which they were made, and by id. */
export interface Shelf<T> {
  readonly inOrder: T[];
  readonly byId: Map<string, T>;
}

function shelf<T>(): Shelf<T> {
  return { inOrder: [], byId: new Map() };
}

/** Every so many charges are told of before their balance transaction is there, as Stripe does. */
const LATE_TRANSACTIONS = 0.1;

/** The state of a Stripe account: what a scenario has done to it so far. */
export class StripeBooks {
  readonly transactions: Shelf<Stripe.BalanceTransaction> = shelf();
  readonly charges: Shelf<Stripe.Charge> = shelf();
  readonly refunds: Shelf<Stripe.Refund> = shelf();
  readonly disputes: Shelf<SimulatedDispute> = shelf();
  readonly payouts: Shelf<Stripe.Payout> = shelf();
  readonly events: Shelf<SimulatedEvent> = shelf();
  /** Ids of balance transactions by the payout that they are members of, its own included. */
  readonly members = new Map<string, readonly string[]>();
  readonly #memberLists = new Map<string, readonly Stripe.BalanceTransaction[]>();
  readonly #apiVersion: string;

  constructor(apiVersion: string) {
    this.#apiVersion = apiVersion;
  }

  /** @returns the events that follow, in order */
  apply(happening: Happening): readonly SimulatedEvent[] {
    const { atMs } = happening;
    switch (happening.type) {
      case 'charge': {
        const { payment, movement } = happening;
        const transaction = this.#book(movement, stripeIds.charge(payment.id));
        const charge = add(this.charges, chargeOf(payment, atMs, transaction.id));
        if (chanceOf('late transaction', payment.id) >= LATE_TRANSACTIONS) {
          return [this.#event('charge.succeeded', charge, atMs)];
        }
        return [
          this.#event('charge.succeeded', { ...charge, balance_transaction: null }, atMs),
          this.#event('charge.updated', charge, atMs),
        ];
      }
      case 'refund': {
        const { payment, movement } = happening;
        this.#book(movement, stripeIds.refund(happening.refund));
        const refund = add(this.refunds, refundOf(happening.refund, payment, movement));
        const charge = this.charges.byId.get(stripeIds.charge(payment.id))!;
        charge.amount_refunded += refund.amount;
        charge.refunded = charge.amount_refunded === charge.amount;
        return [this.#event('refund.created', refund, atMs), this.#event('charge.refunded', charge, atMs)];
      }
      case 'refundFailed': {
        const id = stripeIds.refund(happening.refund);
        const transaction = this.#book(happening.movement, id);
        const refund = this.refunds.byId.get(id)!;
        Object.assign(refund, {
          status: 'failed',
          failure_reason: 'lost_or_stolen_card',
          failure_balance_transaction: transaction.id,
        });
        return [this.#event('refund.failed', refund, atMs)];
      }
      case 'dispute': {
        const id = stripeIds.dispute(happening.dispute);
        const transaction = this.#book(happening.movement, id);
        const dispute = add(
          this.disputes,
          disputeOf(happening.dispute, happening.payment, atMs, transaction),
        );
        return [
          this.#event('charge.dispute.created', dispute, atMs),
          this.#event('charge.dispute.funds_withdrawn', dispute, atMs),
        ];
      }
      case 'disputeWon': {
        const id = stripeIds.dispute(happening.dispute);
        const transaction = this.#book(happening.movement, id);
        const dispute = this.disputes.byId.get(id)!;
        dispute.balance_transactions.push(transaction);
        dispute.status = 'won';
        return [
          this.#event('charge.dispute.funds_reinstated', dispute, atMs),
          this.#event('charge.dispute.closed', dispute, atMs),
        ];
      }
      case 'disputeLost': {
        const dispute = this.disputes.byId.get(stripeIds.dispute(happening.dispute))!;
        dispute.status = 'lost';
        return [this.#event('charge.dispute.closed', dispute, atMs)];
      }
      case 'bankLine':
        return [];
      default:
        return this.#applyToPayout(happening);
    }
  }

  #applyToPayout(happening: Extract<Happening, { payout: Payout }>): readonly SimulatedEvent[] {
    const { payout: told, atMs } = happening;
    const id = stripeIds.payout(told.id);
    if (happening.type === 'payout') {
      const transaction = this.#book(happening.movement, id);
      const made = add(this.payouts, payoutOf(told, transaction.id));
      this.members.set(id, [transaction.id, ...told.members.map(stripeIds.transaction)]);
      return [this.#event('payout.created', made, atMs)];
    }
    const payout = this.payouts.byId.get(id)!;
    switch (happening.type) {
      case 'payoutReconciled':
        payout.reconciliation_status = 'completed';
        return [this.#event('payout.reconciliation_completed', payout, atMs)];
      case 'payoutPaid':
        payout.status = 'paid';
        if (told.trace === undefined) payout.trace_id = { status: 'unsupported', value: null };
        return [this.#event('payout.paid', payout, atMs)];
      case 'payoutTraced':
        payout.trace_id = { status: 'supported', value: told.trace! };
        return [this.#event('payout.updated', payout, atMs)];
      case 'payoutFailed': {
        const transaction = this.#book(happening.movement, id);
        Object.assign(payout, {
          status: 'failed',
          failure_code: told.failureCode,
          failure_message: 'The bank account has been closed.',
          failure_balance_transaction: transaction.id,
        });
        return [this.#event('payout.failed', payout, atMs)];
      }
    }
  }

  /** The members of a payout, oldest first. Before it is reconciled, its list is not complete. */
  membersOf(payout: Stripe.Payout): readonly Stripe.BalanceTransaction[] {
    const isComplete = payout.reconciliation_status === 'completed';
    const known = this.#memberLists.get(payout.id);
    if (known !== undefined) return known;
    const ids = this.members.get(payout.id) ?? [];
    const list = (isComplete ? ids : ids.slice(0, Math.ceil(ids.length / 2)))
      .map((id) => this.transactions.byId.get(id)!)
      .toSorted((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
    if (isComplete) this.#memberLists.set(payout.id, list);
    return list;
  }

  #book(movement: Movement, source: string): Stripe.BalanceTransaction {
    return add(this.transactions, balanceTransactionOf(movement, source));
  }

  #event(type: string, object: EventObject, atMs: number): SimulatedEvent {
    return add(this.events, {
      id: stripeIds.event(`${type}/${object.id}/${atMs}`),
      object: 'event',
      api_version: this.#apiVersion,
      created: Math.floor(atMs / 1000),
      data: { object: structuredClone(object) },
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      type,
    });
  }

  /** An object by its id, whatever it is; undefined where there is none. */
  find(id: string): object | undefined {
    const shelves: { readonly [prefix: string]: Shelf<object> } = {
      txn: this.transactions,
      ch: this.charges,
      re: this.refunds,
      dp: this.disputes,
      po: this.payouts,
      evt: this.events,
    };
    return shelves[id.slice(0, id.indexOf('_'))]?.byId.get(id);
  }
}

function add<T extends { readonly id: string }>(to: Shelf<T>, thing: T): T {
  to.inOrder.push(thing);
  to.byId.set(thing.id, thing);
  return thing;
}

/** Whether a thing shows up in lists already. */
export function isListed(
  thing: { readonly id: string; readonly created: number },
  faults: Faults,
  nowMs: number,
): boolean {
  return thing.created * 1000 + faults.listLagMs(thing.id) <= nowMs;
}
