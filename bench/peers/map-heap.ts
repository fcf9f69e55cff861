interface Event<T> {
  readonly time: number;
  readonly item: T;
}

/**
 * A binary heap of events by time, then by arrival. Events of matched records stay in it until their time: the usual
 * way, and the simplest.
 */
export class MapHeap<T> {
  readonly #arrivalOf: (item: T) => number;
  readonly #events: Event<T>[] = [];

  constructor(arrivalOf: (item: T) => number) {
    this.#arrivalOf = arrivalOf;
  }

  push(item: T, time: number): void {
    const events = this.#events;
    const event = { time, item };
    let place = events.push(event) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(event, events[parent]!)) break;
      events[place] = events[parent]!;
      place = parent;
    }
    events[place] = event;
  }

  /** Takes the first event out if its time is strictly before `watermark`. */
  takeBefore(watermark: number): Event<T> | undefined {
    const first = this.#events[0];
    if (first === undefined || first.time >= watermark) return undefined;
    this.#pop();
    return first;
  }

  #pop(): void {
    const events = this.#events;
    const last = events.pop()!;
    if (events.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && this.#isBefore(events[child + 1]!, events[child]!)) child++;
      if (!this.#isBefore(events[child]!, last)) break;
      events[place] = events[child]!;
      place = child;
    }
    events[place] = last;
  }

  #isBefore(a: Event<T>, b: Event<T>): boolean {
    return a.time < b.time || (a.time === b.time && this.#arrivalOf(a.item) < this.#arrivalOf(b.item));
  }
}
