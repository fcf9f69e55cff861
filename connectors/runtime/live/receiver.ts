import { LRUCache } from 'lru-cache';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import type { Publisher, Translated } from '../../../engine/domain/index.ts';
import { deadLetter } from '../../contract/index.ts';
import type { Delivery, VerifiedEvent, Webhooks } from '../../contract/index.ts';
import type { Arrivals } from './arrivals.ts';
import { LineLimit } from './line-limit.ts';
import type { DeliveryOutcome, LiveObserver } from './observer.ts';

/** Bounds of one source's receiver. Times are milliseconds. */
export interface ReceiverLimits {
  /** Deliveries that may be under way; further ones are sent away with 429. */
  readonly maxUnderWay: number;
  /** A delivery that is not in the log after this long is answered 503; its work goes on. */
  readonly answerWithinMs: number;
  /** Event ids that are remembered, to answer a repeat without reading it again. */
  readonly rememberedEvents: number;
}

const RECEIVER_LIMITS: ReceiverLimits = {
  maxUnderWay: 512,
  answerWithinMs: 10_000,
  rememberedEvents: 100_000,
};

export interface ReceiverOptions {
  readonly source: string;
  readonly webhooks: Webhooks;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly arrivals: Arrivals;
  readonly observer: LiveObserver;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly limits?: Partial<ReceiverLimits>;
}

/** How a delivery is to be answered. */
export interface Answer {
  readonly status: 200 | 400 | 401 | 429 | 503;
  readonly outcome: DeliveryOutcome;
  /** Whole seconds after which sending again makes sense; with 429 and 503. */
  readonly retryAfterSeconds?: number;
  /** Why not, in one line for the sender; never more than it should know. */
  readonly problem?: string;
}

/** Of so many items of a delivery a log line names the records. */
const MAX_TOLD = 20;

const ACCEPTED: Answer = { status: 200, outcome: 'accepted' };
const REPEATED: Answer = { status: 200, outcome: 'repeated' };
const BUSY: Answer = {
  status: 429,
  outcome: 'busy',
  retryAfterSeconds: 2,
  problem: 'busy; send it again later',
};
const FAILED: Answer = {
  status: 503,
  outcome: 'failed',
  retryAfterSeconds: 5,
  problem: 'not stored; send it again later',
};

/**
 * Takes the deliveries of one source: proves the sender, reads what the event makes known, and answers 200 only when
 * the log has acknowledged all of it. A repeat of an event that was accepted is answered at once; one of an event that
 * is being read waits for the same end.
 */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #limits: ReceiverLimits;
  readonly #accepted: LRUCache<string, true>;
  readonly #reading = new Map<string, Promise<Answer>>();
  readonly #lines: LineLimit;
  #underWay = 0;
  #deliveries = 0;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#limits = { ...RECEIVER_LIMITS, ...options.limits };
    this.#lines = new LineLimit(options.now);
    this.#accepted = new LRUCache({ max: this.#limits.rememberedEvents });
  }

  /** Never rejects. */
  async receive(delivery: Delivery): Promise<Answer> {
    const { source, observer, now } = this.#options;
    const answer = this.#underWay >= this.#limits.maxUnderWay ? BUSY : await this.#inTime(delivery);
    observer.delivery?.(source, answer.outcome, now() - delivery.receivedMs);
    return answer;
  }

  /** The answer, or 503 when it takes too long: the provider sends again and finds the work done. */
  async #inTime(delivery: Delivery): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Answer>((resolve) => {
      timer = setTimeout(() => {
        this.#warn('late', 'a delivery takes too long and is answered 503', delivery);
        resolve(FAILED);
      }, this.#limits.answerWithinMs);
    });
    this.#underWay++;
    const taken = this.#take(delivery).finally(() => this.#underWay--);
    try {
      return await Promise.race([taken, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #take(delivery: Delivery): Promise<Answer> {
    let event: VerifiedEvent;
    try {
      event = await this.#options.webhooks.verify(delivery);
    } catch (cause) {
      return this.#refuse(CounterfoilError.from(cause), delivery);
    }
    const { eventId } = event;
    if (eventId === undefined) return this.#read(event, delivery);
    if (this.#accepted.has(eventId)) return REPEATED;
    const before = this.#reading.get(eventId);
    if (before !== undefined) return before;
    const reading = this.#read(event, delivery).finally(() => this.#reading.delete(eventId));
    this.#reading.set(eventId, reading);
    const answer = await reading;
    if (answer.status === 200) this.#accepted.set(eventId, true);
    return answer;
  }

  async #read(event: VerifiedEvent, delivery: Delivery): Promise<Answer> {
    const { source, publisher, arrivals, observer, now } = this.#options;
    try {
      const items = await this.#itemsOf(event, delivery);
      if (items.length > 0) await publisher.publish(source, items);
      arrivals.byWebhook(items);
      if (event.sentMs !== undefined) observer.eventLag?.(source, Math.max(0, now() - event.sentMs));
      this.#tell('debug', 'delivery accepted', delivery, {
        type: event.eventType,
        items: items.length,
        // By these the delivery is followed to its matches.
        records: items.slice(0, MAX_TOLD).flatMap((item) => (item.type === 'record' ? [item.record.id] : [])),
      });
      return ACCEPTED;
    } catch (cause) {
      const error = CounterfoilError.from(cause);
      this.#warn(error.code, `a delivery is not stored: ${error.message}`, delivery, {
        code: error.code,
        type: event.eventType,
      });
      return error.code === 'overloaded' ? BUSY : FAILED;
    }
  }

  /** What the event makes known. One that can never be read is a dead letter: sending it again would not help. */
  async #itemsOf(event: VerifiedEvent, delivery: Delivery): Promise<readonly Translated[]> {
    const ordinal = ++this.#deliveries;
    try {
      return await this.#options.webhooks.read(event, delivery);
    } catch (cause) {
      const error = CounterfoilError.from(cause);
      if (error.disposition !== 'poison') throw error;
      const body = Buffer.from(delivery.body).toString('utf8');
      return [deadLetter(this.#options.source, error, { offset: ordinal, ordinal: 0 }, body)];
    }
  }

  #refuse(error: CounterfoilError, delivery: Delivery): Answer {
    this.#warn(error.code, `a delivery is refused: ${error.message}`, delivery, { code: error.code });
    switch (error.code) {
      case 'deliveryUnverified':
        return { status: 401, outcome: 'unverified', problem: 'the signature is missing or wrong' };
      case 'deliveryStale':
        return { status: 400, outcome: 'stale', problem: 'the time of the signature is too far from now' };
      default:
        return error.disposition === 'poison'
          ? { status: 400, outcome: 'malformed', problem: 'the delivery cannot be read' }
          : FAILED;
    }
  }

  /** @param kind of which no more lines are written than anyone would read */
  #warn(
    kind: string,
    message: string,
    delivery: Delivery,
    facts: { readonly [key: string]: unknown } = {},
  ): void {
    const leftOut = this.#lines.admit(kind);
    if (leftOut === undefined) return;
    this.#tell('warn', message, delivery, leftOut === 0 ? facts : { ...facts, leftOut });
  }

  #tell(
    level: 'debug' | 'warn',
    message: string,
    delivery: Delivery,
    facts: { readonly [key: string]: unknown },
  ): void {
    const { source, observer } = this.#options;
    observer.event(level, message, { source, requestId: delivery.requestId, ...facts });
  }
}
