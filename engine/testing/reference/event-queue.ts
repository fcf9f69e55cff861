import { byArrival, type Item } from './state.ts';

/** Something that becomes due for a record in a pool. */
export interface DueEvent {
  /** Event time: it fires when the watermark is past it, strictly. */
  readonly time: number;
  readonly kind: 'hold' | 'expiry' | 'eviction';
  readonly item: Item;
}

/**
 * The due events of a partition: a sorted array. The order is that of event time, then of the record's arrival, then
 * of the first of its lanes among the configured reconciliations; of one record, holds come first.
 */
export class EventQueue {
  #events: DueEvent[] = [];
  /** Events before this one have been taken. */
  #head = 0;

  add(event: DueEvent): void {
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.#events[middle]!, event) <= 0) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }

  /** The first event that the watermark is past, if any. An event that its record no longer waits for is dropped. */
  takeDue(watermark: number): DueEvent | undefined {
    for (;;) {
      const event = this.#events[this.#head];
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
    this.#events = this.#events.slice(this.#head).filter(isWaitedFor).sort(compare);
    this.#head = 0;
  }
}

function isWaitedFor(event: DueEvent): boolean {
  const { item } = event;
  return event.kind === 'hold' ? item.inMemory && item.holds.has(event.time) : item.event === event;
}

function compare(a: DueEvent, b: DueEvent): number {
  return (
    a.time - b.time ||
    byArrival(a.item, b.item) ||
    firstLane(a.item) - firstLane(b.item) ||
    (a.kind === 'hold' ? 0 : 1) - (b.kind === 'hold' ? 0 : 1)
  );
}

function firstLane(item: Item): number {
  return item.places[0]?.reconciliation.index ?? 0;
}
