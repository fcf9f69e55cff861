import type { OpenRecord } from './open-record.ts';

/** Something that becomes due for an open record. */
export interface DueEvent {
  /** Event time: it fires when the watermark is past it, strictly. */
  readonly time: number;
  readonly kind: 'expiry' | 'eviction';
  readonly record: OpenRecord;
}

/**
 * The due events of all reconciliations of a partition: a sorted array. The order is that of event time, then of the
 * record's arrival, then of its reconciliation among the configured ones.
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
      if (event.record.event === event) return event;
    }
  }

  /** The order of the reconciliations has changed. */
  sort(): void {
    this.#events = this.#events.slice(this.#head).sort(compare);
    this.#head = 0;
  }
}

function compare(a: DueEvent, b: DueEvent): number {
  return (
    a.time - b.time ||
    a.record.sequence - b.record.sequence ||
    a.record.ordinal - b.record.ordinal ||
    a.record.reconciliation.index - b.record.reconciliation.index
  );
}
