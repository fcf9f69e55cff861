import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../deploy/local/project-root.ts';
import type { BenchFigure } from './figures.ts';

/** Rows of each of the two files. */
const ROWS = 1_000_000;
const QUICK_ROWS = 20_000;
const ACCOUNTS = 64;
const START = Date.UTC(2026, 0, 1);
/** Between the rows of one file, and from a charge to its credit. */
const STEP_MS = 250;
const LAG_MS = 3_600_000;
/** One row in so many has no counterpart. */
const MISSING_EVERY = 50;
const TIME_LIMIT_MS = 600_000;

/**
 * `counterfoil reconcile` over two files as a user runs it, in a process of its own: two files of equal length in
 * order of time, one row in fifty without a counterpart, every result written.
 */
export async function runFileCommandBench({ quick }: { quick: boolean }): Promise<BenchFigure[]> {
  const rows = quick ? QUICK_ROWS : ROWS;
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-bench-'));
  try {
    await writeInput(directory, rows);
    const started = performance.now();
    const peakBytes = await run(directory);
    const seconds = (performance.now() - started) / 1000;
    const summary = readSummary(join(directory, 'results.ndjson'));
    const missing = Math.ceil(rows / MISSING_EVERY);
    if (summary.records !== 2 * rows || summary.matches !== rows - missing) {
      throw new Error(`the file command found ${summary.matches} matches in ${summary.records} records`);
    }
    return [
      { name: `file command: ${rows} + ${rows} rows`, value: Math.round(seconds * 1000), unit: 'ms' },
      { name: 'file command: rate', value: Math.round((2 * rows) / seconds), unit: 'records/s' },
      ...(peakBytes === undefined
        ? []
        : [{ name: 'file command: peak memory', value: peakBytes, unit: 'bytes' }]),
    ];
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function writeInput(directory: string, rows: number): Promise<void> {
  await writeFile(
    join(directory, 'reconcile.yaml'),
    `sources:
  gateway: { connector: csv, path: gateway.csv }
  bank:    { connector: csv, path: bank.csv }
reconciliations:
  - name: gateway-to-bank
    left:   { sources: [gateway] }
    right:  { sources: [bank] }
    window: { before: 1h, after: 3d, grace: 0s }
    rules:
      - { name: by-reference, keys: [reference, currency], tolerance: { amount: "0.50" } }
`,
  );
  await writeRows(join(directory, 'gateway.csv'), rows, (i) => row('g', i, i, 'REF', 0, 'charge'));
  await writeRows(join(directory, 'bank.csv'), rows, (i) =>
    row('b', i, i, i % MISSING_EVERY === 0 ? 'OTHER' : 'REF', LAG_MS, 'bank'),
  );
}

function row(prefix: string, i: number, n: number, reference: string, lag: number, kind: string): string {
  const minor = 100 + ((n * 7919) % 1_000_000);
  const amount = `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`;
  const time = new Date(START + n * STEP_MS + lag).toISOString();
  return `${prefix}${i},account-${n % ACCOUNTS},${reference}-${n},${amount},AED,${time},${kind}\n`;
}

async function writeRows(path: string, rows: number, text: (i: number) => string): Promise<void> {
  const stream = createWriteStream(path);
  let chunk = 'id,account,reference,amount,currency,time,kind\n';
  for (let i = 0; i < rows; i++) {
    chunk += text(i);
    if (chunk.length < 1_000_000) continue;
    if (!stream.write(chunk)) await once(stream, 'drain');
    chunk = '';
  }
  stream.end(chunk);
  await once(stream, 'finish');
}

/** @returns the most memory that the process held, where the system tells (Linux) */
async function run(directory: string): Promise<number | undefined> {
  const cli = join(projectRoot(), 'dist/deploy/cli/main.js');
  const args = [
    cli,
    'reconcile',
    join(directory, 'reconcile.yaml'),
    '--out',
    join(directory, 'results.ndjson'),
  ];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: TIME_LIMIT_MS,
  });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const status = `/proc/${child.pid ?? 0}/status`;
  let peakBytes: number | undefined;
  const timer = setInterval(() => (peakBytes = peakOf(status) ?? peakBytes), 20);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`the file command failed: ${errors.slice(-500)}`);
  return peakBytes;
}

function peakOf(status: string): number | undefined {
  if (!existsSync(status)) return undefined;
  const kib = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(status, 'utf8'))?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

function readSummary(path: string): { readonly records: number; readonly matches: number } {
  const text = readFileSync(path, 'utf8').trimEnd();
  return JSON.parse(text.slice(text.lastIndexOf('\n') + 1)) as { records: number; matches: number };
}
