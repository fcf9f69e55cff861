import type { Happening, Movement } from '../scenario/index.ts';
import { chanceOf } from '../seeded.ts';
import { paypalIds } from './ids.ts';
import { captureOf, dateTime, disputeOf, refundOf, rowOf } from './objects.ts';
import type { Json, Row, RowFacts } from './objects.ts';

/** An event, its resource as it was then. */
export interface SimulatedEvent extends Json {
  readonly id: string;
  readonly create_time: string;
  readonly event_type: string;
  readonly resource: Json;
}

/** Every so many captures are pending first, and completed in the same moment. */
const PENDING_FIRST = 0.15;
/** Every so many events hold less than the API says, as those of older versions did. */
const SPARSE = 0.1;

/** The state of a PayPal account: what a scenario has done to it so far. */
export class PaypalBooks {
  /** What a transaction search finds, oldest first. */
  readonly rows: Row[] = [];
  readonly captures = new Map<string, Json>();
  readonly refunds = new Map<string, Json>();
  readonly disputes = new Map<string, Json>();
  /** Oldest first. */
  readonly events: SimulatedEvent[] = [];

  /** @returns the events that follow, in order */
  apply(happening: Happening): readonly SimulatedEvent[] {
    switch (happening.type) {
      case 'charge': {
        const { payment, movement } = happening;
        const id = this.#book(movement, { invoice: payment.order });
        const capture = captureOf(payment, movement, false);
        this.captures.set(id, capture);
        const completed = this.#event('PAYMENT.CAPTURE.COMPLETED', 'capture', sparse(capture), movement);
        if (chanceOf('pending first', payment.id) >= PENDING_FIRST) return [completed];
        const pending = captureOf(payment, movement, true);
        return [this.#event('PAYMENT.CAPTURE.PENDING', 'capture', pending, movement), completed];
      }
      case 'refund': {
        const { payment, movement } = happening;
        const id = this.#book(movement, { invoice: payment.order });
        const refund = refundOf(payment, movement);
        this.refunds.set(id, refund);
        return [this.#event('PAYMENT.CAPTURE.REFUNDED', 'refund', sparse(refund), movement)];
      }
      case 'refundFailed':
        this.#book(happening.movement, { invoice: happening.payment.order });
        return [];
      case 'dispute': {
        const { payment, movement } = happening;
        this.#book(movement, { invoice: payment.order });
        const dispute = disputeOf(happening.dispute, payment, movement);
        this.disputes.set(paypalIds.dispute(happening.dispute), dispute);
        return [this.#event('CUSTOMER.DISPUTE.CREATED', 'dispute', dispute, movement)];
      }
      case 'disputeWon':
        this.#book(happening.movement, { invoice: happening.payment.order });
        return [this.#resolved(happening.dispute, 'RESOLVED_SELLER_FAVOUR', happening.atMs)];
      case 'disputeLost':
        return [this.#resolved(happening.dispute, 'RESOLVED_BUYER_FAVOUR', happening.atMs)];
      case 'payout':
        this.#book(happening.movement, { trace: happening.payout.trace });
        return [];
      case 'payoutFailed':
        this.#book(happening.movement, { trace: happening.payout.trace });
        return [];
      default:
        return [];
    }
  }

  #book(movement: Movement, facts: RowFacts): string {
    const row = rowOf(movement, facts);
    this.rows.push(row);
    return row.transaction_info.transaction_id;
  }

  #resolved(scenarioId: string, outcome: string, atMs: number): SimulatedEvent {
    const id = paypalIds.dispute(scenarioId);
    const dispute = {
      ...this.disputes.get(id),
      status: 'RESOLVED',
      update_time: dateTime(atMs),
      dispute_outcome: { outcome_code: outcome },
    };
    this.disputes.set(id, dispute);
    return this.#event('CUSTOMER.DISPUTE.RESOLVED', 'dispute', dispute, { id: scenarioId, atMs });
  }

  #event(
    type: string,
    resourceType: string,
    resource: Json,
    { id, atMs }: Pick<Movement, 'id' | 'atMs'>,
  ): SimulatedEvent {
    const event: SimulatedEvent = {
      id: paypalIds.event(`${type}/${id}`),
      event_version: '1.0',
      create_time: new Date(atMs).toISOString(),
      resource_type: resourceType,
      resource_version: '2.0',
      event_type: type,
      summary: `${type} of ${resourceType}`,
      resource,
    };
    this.events.push(event);
    return event;
  }
}

const COSTS: ReadonlySet<string> = new Set(['seller_receivable_breakdown', 'seller_payable_breakdown']);

/** Now and then a resource without what it costs, which has to be asked for. */
function sparse(resource: Json): Json {
  if (chanceOf('sparse', String(resource['id'])) >= SPARSE) return resource;
  return Object.fromEntries(Object.entries(resource).filter(([name]) => !COSTS.has(name)));
}
