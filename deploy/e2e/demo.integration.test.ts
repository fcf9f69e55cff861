import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processesWhere } from '../local/processes.ts';
import { eventually } from './rest.ts';
import { CLI } from './up-process.ts';

/** How long Ctrl-C may take to end everything, milliseconds. */
const STOP_MS = 10_000;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-demo-test-'));
});
afterEach(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));

interface Demo {
  readonly pid: number;
  out(): string;
  err(): string;
  readonly ended: Promise<number | null>;
}

/** Runs the demo with its temporary files below `directory`, in a process group of its own as a shell would. */
function demo(...args: string[]): Demo {
  const child = spawn(process.execPath, [CLI, 'demo', ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 90_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, TMPDIR: directory, NO_COLOR: '1' },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { pid: child.pid!, out: () => out, err: () => err, ended };
}

/** Processes whose command line names the temporary directory: the nats-server and the shell around it. */
function children(): Promise<number[]> {
  return processesWhere((line) => line.includes(directory));
}

interface Figures {
  readonly breaks: { readonly unmatched: number; readonly amount: number; readonly duplicate: number };
  readonly deadLetters: number;
}

interface DemoSummary extends Figures {
  readonly records: number;
  readonly matches: number;
  readonly pending: number;
  readonly healed: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly sources: readonly {
    readonly source: string;
    readonly records: number;
    readonly deliveries: number;
    readonly refused: number;
    readonly gaps: number;
  }[];
  readonly queryable: { readonly records: number; readonly matches: number; readonly openBreaks: number };
  readonly planted: { readonly [trouble: string]: number };
  readonly expected: Figures;
  readonly agrees: boolean;
}

test('the demo told to its end prints one JSON document, and has found what was planted', async () => {
  const run = demo('--exit', '--json', '--seed', '7');
  expect(await run.ended, run.err()).toBe(0);
  expect(run.out().endsWith('}\n')).toBe(true);
  const summary = JSON.parse(run.out()) as DemoSummary;
  const { breaks, deadLetters, queryable, planted, sources } = summary;

  // Counted from the troubles themselves, not taken from the demo's own expectation.
  const sum = (...troubles: string[]): number => troubles.reduce((total, name) => total + planted[name]!, 0);
  const unmatched = sum('unknownOrder', 'missingOrder', 'missingCredit', 'bankCharge');
  expect({ breaks, deadLetters }).toEqual({
    breaks: { unmatched, amount: sum('wrongAmount'), duplicate: sum('orderTwice') },
    deadLetters: sum('noRecord'),
  });
  for (const [trouble, count] of Object.entries(planted)) expect(count, trouble).toBeGreaterThan(0);
  expect(summary.agrees).toBe(true);
  expect(summary.pending).toBe(0);
  expect(summary.healed).toBeGreaterThan(0);
  expect(queryable).toEqual({
    records: summary.records,
    matches: summary.matches,
    openBreaks: unmatched + sum('wrongAmount', 'orderTwice'),
  });
  expect(summary.records).toBeGreaterThan(2000);
  expect(summary.latencyMs.p50).toBeGreaterThan(0);
  expect(summary.latencyMs.p99).toBeLessThan(10_000);

  // Everybody was heard: by webhooks, some of them forged, and polls where they were lost; by files, and by posts.
  expect(sources.map(({ source }) => source).sort()).toEqual(
    ['acquirer', 'bank', 'network-international', 'orders', 'paypal', 'stripe'].sort(),
  );
  for (const { source, records, deliveries, refused, gaps } of sources) {
    expect(records, source).toBeGreaterThan(0);
    if (['acquirer', 'bank', 'orders'].includes(source)) continue;
    expect(deliveries, source).toBeGreaterThan(100);
    expect(refused, source).toBeGreaterThan(0);
    expect(gaps, source).toBeGreaterThan(0);
  }

  expect(await readdir(directory)).toEqual([]);
  expect(await children()).toEqual([]);
});

test('Ctrl-C ends the demo with every child and every file of it', async () => {
  const run = demo();
  try {
    // By then the days go on: records are posted, matched and stored all the time.
    await eventually(
      () => Promise.resolve(run.out() + run.err()),
      (text) => text.includes('sales go on'),
      45_000,
    );
    expect((await children()).length).toBeGreaterThanOrEqual(2);
    expect(await readdir(directory)).toHaveLength(1);
    const asked = Date.now();
    process.kill(-run.pid, 'SIGINT');
    expect(await run.ended, run.err()).toBe(0);
    console.log(`ended ${Date.now() - asked} ms after Ctrl-C`);
    expect(Date.now() - asked).toBeLessThan(STOP_MS);
    expect(await children()).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  } finally {
    try {
      process.kill(-run.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
    await run.ended;
  }
});
