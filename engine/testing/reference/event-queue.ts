import { byArrival, type Item } from './state.ts';

/** Something that becomes due for a record in a pool. */
export interface DueEvent {
  /** Event time: it fires when the watermark is past it, strictly. */
  readonly time: number;
  readonly kind: 'hold' | 'expiry' | 'eviction';
  readonly item: Item;
}

/** An event in its place, which the first lane of its record decided when it was put there. */
interface Placed {
  readonly event: DueEvent;
  readonly lane: number;
}

/**
 * The due events of a partition: a sorted array. The order is that of event time, then of the record's arrival, then
 * of the first lane in which it stands, among the configured reconciliations; of one record, holds come first.
 */
export class EventQueue {
  #events: Placed[] = [];
  /** Events before this one have been taken. */
  #head = 0;

  add(event: DueEvent): void {
    const placed = place(event);
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.#events[middle]!, placed) <= 0) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, placed);
  }

  /** The first event that the watermark is past, if any. An event that its record no longer waits for is dropped. */
  takeDue(watermark: number): DueEvent | undefined {
    for (;;) {
      const event = this.#events[this.#head]?.event;
      if (event === undefined || event.time >= watermark) return undefined;
      this.#head += 1;
      if (this.#head === 10_000) {
        this.#events.splice(0, this.#head);
        this.#head = 0;
      }
      if (isWaitedFor(event)) return event;
    }
  }

  /** The order of the reconciliations has changed. */
  sort(): void {
    const waiting = this.#events.slice(this.#head).map(({ event }) => event);
    this.#events = waiting.filter(isWaitedFor).map(place).sort(compare);
    this.#head = 0;
  }
}

function isWaitedFor(event: DueEvent): boolean {
  const { item } = event;
  return event.kind === 'hold' ? item.inMemory && item.holds.has(event.time) : item.event === event;
}

function place(event: DueEvent): Placed {
  const { places, partly } = event.item;
  return { event, lane: (partly ?? places[0])?.reconciliation.index ?? 0 };
}

function compare(a: Placed, b: Placed): number {
  return (
    a.event.time - b.event.time ||
    byArrival(a.event.item, b.event.item) ||
    a.lane - b.lane ||
    (a.event.kind === 'hold' ? 0 : 1) - (b.event.kind === 'hold' ? 0 : 1)
  );
}
