/**
 * Simulated payment companies in a process of their own: `node world-process.js '<WorldOptions and a path for what is
 * wanted>'`. It says where they are, plays when a line comes on standard input, and ends when that ends.
 */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { play } from '../play.ts';
import { startWorld } from './world.ts';
import type { World, WorldOptions } from './world.ts';

export interface WorldProcessOptions extends WorldOptions {
  /** File to which the wanted lines are written, as JSON. */
  readonly wanted: string;
  /** Simulated time at which it waits for another line before it plays on, epoch milliseconds. Default: it does not. */
  readonly waitAtMs?: number;
}

/** What the process says, as lines of JSON. */
export type WorldProcessLine =
  | { readonly type: 'ready'; readonly sources: World['sources']; readonly secrets: World['secrets'] }
  | {
      readonly type: 'playing' | 'waiting' | 'done';
      readonly posted: number;
      readonly seconds: number;
      readonly part: number;
      /** Simulated time, epoch milliseconds. */
      readonly nowMs: number;
    };

/** Past what lists lag, and outages last: what was told of too late for a webhook is there for the last polls. */
const AFTER_MS = 8 * 3_600_000;
const TELL_EVERY_MS = 100;
/**
 * While sales go on, and for the days in which refunds, disputes and payouts follow; in no step with the outages, of
 * which it would else see nothing else.
 */
const [SALES_STEP_MS, LATER_STEP_MS] = [23_000, 3_613_000];

const options = JSON.parse(process.argv[2] ?? '{}') as WorldProcessOptions;
const world = await startWorld(options);
const say = (line: WorldProcessLine): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
writeFileSync(options.wanted, JSON.stringify(world.wanted()));
say({ type: 'ready', sources: world.sources, secrets: world.secrets });

process.stdin.once('end', () => {
  void world.close();
});
// A line that comes early is not lost: nothing is waited for then.
const commands = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
if ((await commands.next()).done !== true) await playAll();

async function playAll(): Promise<void> {
  const { clock, scenario, simulators } = world;
  const started = performance.now();
  const salesEndMs = options.startMs + options.spanMs;
  const stepMs = (nowMs: number): number => (nowMs < salesEndMs ? SALES_STEP_MS : LATER_STEP_MS);
  const tell = (type: 'playing' | 'waiting' | 'done'): void => {
    say({
      type,
      posted: world.posted(),
      seconds: (performance.now() - started) / 1000,
      part: Math.max(0, Math.min(1, (clock.now() - options.startMs) / (scenario.endMs - options.startMs))),
      nowMs: clock.now(),
    });
  };
  let waitAtMs = options.waitAtMs ?? Infinity;
  // Within a step too: it takes as long as its last answer.
  const telling = setInterval(() => tell('playing'), TELL_EVERY_MS);
  await play({
    ...{ happenings: scenario.happenings, simulators, clock, stepMs },
    async onStep(nowMs) {
      if (nowMs < waitAtMs) return;
      waitAtMs = Infinity;
      tell('waiting');
      await commands.next();
    },
  });
  clearInterval(telling);
  tell('done');
  clock.advanceTo(clock.now() + AFTER_MS);
}
