import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Entries, pack } from './entries.ts';
import { MOVES_USED, TimingWheel } from './timing-wheel.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 20);

/** Times on edges of every level, far in the past and the future, and equal ones. */
const times = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 5000 }).map((ms) => START + ms) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 40 * DAY }).map((ms) => START + ms) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 4 }).map((level) => START + 1024 * 256 ** level) },
  { weight: 1, arbitrary: fc.constantFrom(-1e12, 0, 1023, 1024, 4e12, 4.4e12, 8.64e15) },
);

type Step =
  | { readonly kind: 'add'; readonly time: number; readonly lane: number }
  | { readonly kind: 'cancel' }
  | {
      readonly kind: 'raise';
      readonly to: number;
    };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('add' as const),
        time: times,
        lane: fc.integer({ min: 0, max: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.constant({ kind: 'cancel' as const }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('raise' as const), to: times }) },
  ),
  { maxLength: 300 },
);

interface Scheduled {
  readonly entry: number;
  readonly time: number;
  readonly arrival: number;
  readonly lane: number;
}

describe('the timing wheel', () => {
  test('gives events in the order in which a sorted list would, strictly before the watermark', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const entries = new Entries();
        const order = Int32Array.of(2, 2, 1, 1);
        let wheel = new TimingWheel(entries, order);
        let model: Scheduled[] = [];
        const sorted = (): Scheduled[] =>
          model.sort((a, b) => a.time - b.time || a.arrival - b.arrival || order[a.lane]! - order[b.lane]!);
        const restore = (): void => {
          const { now, heads, heap } = wheel.state();
          wheel = new TimingWheel(entries, order);
          const copies = { now, heads: heads.slice(), heap: heap.map((block) => block.slice()) };
          expect(wheel.restore(copies)).toBe(true);
        };
        // Two moves at a time, and restored in the middle of a list.
        const take = (to: number): number => {
          for (;;) {
            const entry = wheel.take(to, wheel.moves + 2);
            if (entry !== MOVES_USED) return entry;
            restore();
          }
        };
        const raise = (to: number): void => {
          for (let entry = take(to); entry >= 0; entry = take(to)) {
            const next = sorted().shift();
            expect(entry).toBe(next?.entry);
            expect(next!.time).toBeLessThan(to);
            // What fires may be scheduled again, before or after the watermark.
            if (next!.time > START && next!.time < START + 3000) {
              wheel.schedule(entry, next!.time + 1500);
              model.push({ ...next!, time: next!.time + 1500 });
            }
          }
          expect(sorted()[0]?.time ?? Infinity).toBeGreaterThanOrEqual(to);
        };
        for (const [i, step] of all.entries()) {
          if (step.kind === 'add') {
            // Two arrivals in three are shared by neighbours of another lane.
            const arrival = i - (i % 3);
            if (model.some((each) => each.arrival === arrival && order[each.lane] === order[step.lane]))
              continue;
            const entry = entries.add(1, 0, arrival, 0, pack(step.lane, false, 0));
            wheel.schedule(entry, step.time);
            model.push({ entry, time: step.time, arrival, lane: step.lane });
          } else if (step.kind === 'cancel') {
            const gone = model[i % Math.max(1, model.length)];
            if (gone === undefined) continue;
            wheel.cancel(gone.entry);
            wheel.cancel(gone.entry);
            model = model.filter((each) => each !== gone);
          } else {
            raise(step.to);
          }
          if (i === 150) restore();
        }
        raise(Infinity);
        expect(model).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('skips nothing, and moves on as far as by taking', () => {
    const small = fc.record({
      wait: fc.integer({ min: 0, max: 90_000 }),
      ahead: fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 3_000_000 })),
    });
    fc.assert(
      fc.property(fc.array(small, { minLength: 20, maxLength: 200 }), (all) => {
        const run = (skips: boolean): number[][] => {
          const entries = new Entries();
          const wheel = new TimingWheel(entries, new Int32Array(4));
          let now = START;
          return all.map(({ wait, ahead }, i) => {
            now += wait;
            const given: number[] = [];
            if (!skips || !wheel.skipTo(now)) {
              for (let entry = wheel.take(now); entry >= 0; entry = wheel.take(now)) given.push(entry);
            }
            wheel.schedule(entries.add(1, 0, i, 0, pack(0, false, 0)), now + ahead);
            return [...given, wheel.state().now];
          });
        };
        expect(run(true)).toEqual(run(false));
      }),
    );
  });

  test('keeps its order when most of a tick’s events leave from the middle', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 50, maxLength: 400 }),
        fc.nat(),
        (all, pick) => {
          const entries = new Entries();
          const wheel = new TimingWheel(entries, new Int32Array(4));
          // Past the first event's tick, everything lies in the heap.
          wheel.take(START + 2048);
          const scheduled = all.map((ms, i) => {
            const entry = entries.add(1, 0, i, 0, pack(0, false, 0));
            wheel.schedule(entry, START + ms);
            return { entry, ms };
          });
          while (scheduled.length > all.length / 3) {
            const [gone] = scheduled.splice((pick + scheduled.length * 7) % scheduled.length, 1);
            wheel.cancel(gone!.entry);
          }
          const taken: number[] = [];
          for (let entry = wheel.take(Infinity); entry >= 0; entry = wheel.take(Infinity)) taken.push(entry);
          expect(taken).toEqual(scheduled.sort((a, b) => a.ms - b.ms).map(({ entry }) => entry));
        },
      ),
    );
  });

  test('gives urgent events first, in order, with those that are scheduled meanwhile', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ ms: fc.integer({ min: 0, max: 5000 }), isUrgent: fc.boolean() })),
        fc.integer({ min: 0, max: 4000 }),
        (all, passed) => {
          const entries = new Entries();
          const wheel = new TimingWheel(entries, new Int32Array(4));
          wheel.take(START + passed, 3);
          const made = all.map(({ ms, isUrgent }, i) => {
            const entry = entries.add(1, 0, i, 0, pack(0, false, 0));
            wheel.schedule(entry, START + ms);
            return { entry, ms, isUrgent };
          });
          const inOrder = (wanted: boolean): number[] =>
            made
              .filter(({ isUrgent }) => isUrgent === wanted)
              .sort((a, b) => a.ms - b.ms || a.entry - b.entry)
              .map(({ entry }) => entry);
          const urgent = inOrder(true);
          wheel.hasten([...urgent].reverse(), START + 10_000);
          // One leaves from the middle; the first comes again, last of all, and once more beyond what is urgent.
          const gone = urgent[1];
          if (gone !== undefined) wheel.cancel(gone);
          const taken: number[] = [];
          for (let entry = wheel.takeUrgent(); entry >= 0; entry = wheel.takeUrgent()) {
            taken.push(entry);
            if (entry !== urgent[0]) continue;
            const times = taken.filter((each) => each === entry).length;
            wheel.schedule(entry, START + 5000 * times + 1);
          }
          const rest = urgent.filter((entry) => entry !== gone);
          expect(taken).toEqual([...rest, ...rest.slice(0, 1)]);
          const others: number[] = [];
          for (let entry = wheel.take(Infinity); entry >= 0; entry = wheel.take(Infinity)) others.push(entry);
          expect(others).toEqual([...inOrder(false), ...rest.slice(0, 1)]);
        },
      ),
    );
  });

  test('crosses centuries of nothing at once', () => {
    const entries = new Entries();
    const wheel = new TimingWheel(entries, new Int32Array(4));
    const entry = entries.add(1, 0, 1, 0, pack(0, false, 0));
    wheel.schedule(entry, Date.UTC(2099, 0, 1));
    expect(wheel.take(Date.UTC(2026, 0, 1))).toBe(-1);
    const started = performance.now();
    expect(wheel.take(Date.UTC(2100, 0, 1))).toBe(entry);
    expect(performance.now() - started).toBeLessThan(100);
  });

  test('refuses a second event of an entry', () => {
    const entries = new Entries();
    const wheel = new TimingWheel(entries, new Int32Array(4));
    const entry = entries.add(1, 0, 1, 0, pack(0, false, 0));
    wheel.schedule(entry, START);
    expect(() => wheel.schedule(entry, START + 1)).toThrow('second event');
    wheel.cancel(entry);
    wheel.schedule(entry, START + 1);
    expect(wheel.take(START + 2)).toBe(entry);
  });
});
