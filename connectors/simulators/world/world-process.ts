/**
 * Simulated payment companies in a process of their own: `node world-process.js '<WorldOptions and a path for what is
 * wanted>'`. It says where they are, plays when a line comes on standard input, and ends when that ends.
 */
import { writeFileSync } from 'node:fs';
import { play } from '../play.ts';
import { startWorld } from './world.ts';
import type { World, WorldOptions } from './world.ts';

export interface WorldProcessOptions extends WorldOptions {
  /** File to which the wanted lines are written, as JSON. */
  readonly wanted: string;
}

/** What the process says, as lines of JSON. */
export type WorldProcessLine =
  | { readonly type: 'ready'; readonly sources: World['sources']; readonly secrets: World['secrets'] }
  | {
      readonly type: 'playing' | 'done';
      readonly posted: number;
      readonly seconds: number;
      readonly part: number;
    };

/** Past what lists lag, and outages last: what was told of too late for a webhook is there for the last polls. */
const AFTER_MS = 8 * 3_600_000;
const TELL_EVERY_MS = 1000;
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

process.stdin.once('data', () => {
  void playAll();
});
process.stdin.once('end', () => {
  void world.close();
});

async function playAll(): Promise<void> {
  const { clock, scenario, simulators } = world;
  const started = performance.now();
  let told = started;
  const salesEndMs = options.startMs + options.spanMs;
  const stepMs = (nowMs: number): number => (nowMs < salesEndMs ? SALES_STEP_MS : LATER_STEP_MS);
  const figures = (): { posted: number; seconds: number; part: number } => ({
    posted: world.posted(),
    seconds: (performance.now() - started) / 1000,
    part: Math.max(0, Math.min(1, (clock.now() - options.startMs) / (scenario.endMs - options.startMs))),
  });
  await play({
    ...{ happenings: scenario.happenings, simulators, clock, stepMs },
    onStep() {
      if (performance.now() - told < TELL_EVERY_MS) return;
      told = performance.now();
      say({ type: 'playing', ...figures() });
    },
  });
  say({ type: 'done', ...figures() });
  clock.advanceTo(clock.now() + AFTER_MS);
}
