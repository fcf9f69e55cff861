import type { Happening } from './scenario/index.ts';

/** Simulated time. */
export class SimulatedClock {
  #nowMs: number;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  /** Epoch milliseconds. */
  readonly now = (): number => this.#nowMs;

  /** Time never goes back. */
  advanceTo(ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, ms);
  }
}

/** A stand-in for one provider. */
export interface Simulator {
  /** Takes what concerns it into its books, and queues the webhooks that follow from it. */
  apply(happening: Happening): void;
  /** Sends the webhooks that are due, and waits for their answers. */
  flush(): Promise<unknown>;
  /** When the next webhook is due, epoch milliseconds of simulated time. */
  readonly nextDueMs: number | undefined;
  /** Told when everything has happened, for what a simulator does once more then. */
  settle?(): Promise<void>;
  /** Ends its server and its connections. */
  close(): Promise<void>;
}

export interface PlayOptions {
  readonly happenings: Iterable<Happening>;
  readonly simulators: readonly Simulator[];
  readonly clock: SimulatedClock;
  /**
   * Webhooks are sent when this much simulated time has passed since the last were, milliseconds; at a moment, where it
   * changes. Default: 1000.
   */
  readonly stepMs?: number | ((nowMs: number) => number);
  /** Called after each step, with simulated time: the place to poll, or to wait so that a demo can be watched. */
  readonly onStep?: (nowMs: number) => Promise<void> | void;
}

/** Lets a scenario happen, as fast as webhooks are answered, until nothing is to be sent any more. */
export async function play({
  happenings,
  simulators,
  clock,
  stepMs = 1000,
  onStep,
}: PlayOptions): Promise<void> {
  const stepAt = (nowMs: number): number => (typeof stepMs === 'number' ? stepMs : stepMs(nowMs));
  const step = async (): Promise<void> => {
    await Promise.all(simulators.map((simulator) => simulator.flush()));
    await onStep?.(clock.now());
  };
  const nextDueMs = (): number =>
    simulators.reduce((least, { nextDueMs: ms = Infinity }) => Math.min(least, ms), Infinity);
  /** Sends what is due before `untilMs`, each in its own time, which is never later than that. */
  const catchUp = async (untilMs: number): Promise<void> => {
    for (let due = nextDueMs(); due < untilMs && clock.now() < untilMs; due = nextDueMs()) {
      // What an outage holds back is tried again a step later.
      clock.advanceTo(Math.min(untilMs, Math.max(due, clock.now() + stepAt(clock.now()))));
      await step();
    }
  };
  for (const happening of happenings) {
    const step = stepAt(happening.atMs);
    await catchUp(Math.floor(happening.atMs / step) * step);
    clock.advanceTo(happening.atMs);
    for (const simulator of simulators) simulator.apply(happening);
  }
  await catchUp(Infinity);
  for (const simulator of simulators) await simulator.settle?.();
}
