import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startNatsServer } from '../../deploy/local/index.ts';
import type { NatsServer } from '../../deploy/local/index.ts';
import { decodeFrame, readRecord } from '../../engine/codec/index.ts';
import { DEAD_LETTER_PARTITION } from '../../engine/domain/index.ts';
import type { DeadLetter, Log } from '../../engine/domain/index.ts';
import { connectLog } from '../../engine/stream/index.ts';
import type { ConnectorsProcessLine, ConnectorsProcessOptions } from '../conformance/connectors-process.ts';
import { messagesOf } from '../conformance/read-log.ts';
import type { FileCursor } from './cursors.ts';

const SCRIPT = fileURLToPath(
  new URL('../../dist/connectors/conformance/connectors-process.js', import.meta.url),
);
const PARTITIONS = 3;
const ROWS = 50_000;
const STATEMENTS = 20;
const LINES = 800;
/** Each row whose number this divides is damaged. */
const DAMAGED_EVERY = 997;

let directory: string;
let server: NatsServer;
let log: Log;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-files-'));
  server = await startNatsServer({ dataDir: directory });
  log = await connectLog({ url: server.url });
  await log.open(PARTITIONS);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await log.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

function options(): ConnectorsProcessOptions {
  return {
    natsUrl: server.url,
    partitions: PARTITIONS,
    directory,
    dataDir: directory,
    sources: {
      ledger: { connector: 'csv', path: 'ledger.csv' },
      bank: { connector: 'mt940', path: 'bank.sta' },
    },
  };
}

/** Writes both files as if long ago. @returns what must be in the log in the end */
async function writeFiles(): Promise<{ ids: Set<string>; deadLines: number[] }> {
  const ids = new Set<string>();
  const deadLines: number[] = [];
  const rows = ['id,reference,amount,currency,time'];
  for (let n = 1; n <= ROWS; n++) {
    const damaged = n % DAMAGED_EVERY === 0;
    rows.push(`p${n},R${n},${damaged ? 'much' : `${n}.00`},AED,2026-11-22`);
    if (damaged) deadLines.push(n + 1);
    else ids.add(`ledger p${n}`);
  }
  const lines: string[] = [];
  let opening = 0;
  for (let s = 1; s <= STATEMENTS; s++) {
    // The first does not add up, so that there is a finding.
    const closing = opening + (s === 1 ? LINES + 1 : LINES);
    lines.push(':20:S', ':25:X', `:28C:${s}`, `:60F:C261121AED${opening},00`);
    opening = closing;
    for (let n = 1; n <= LINES; n++) {
      lines.push(`:61:261122C1,00NTRFR${s}.${n}`);
      ids.add(`bank X/${s}/2026-11-22/${n}`);
    }
    lines.push(`:62F:C261122AED${closing},00`, '-');
  }
  for (const [name, texts] of [
    ['ledger.csv', rows],
    ['bank.sta', lines],
  ] as const) {
    await writeFile(join(directory, name), `${texts.join('\n')}\n`);
    await utimes(join(directory, name), new Date(0), new Date(0));
  }
  return { ids, deadLines };
}

function spawnConnectors(onLine: (line: ConnectorsProcessLine) => void): ChildProcess {
  const child = spawn(process.execPath, ['--enable-source-maps', SCRIPT, JSON.stringify(options())], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  createInterface({ input: child.stdout }).on('line', (text) => {
    onLine(JSON.parse(text) as ConnectorsProcessLine);
  });
  return child;
}

/** Lets the connectors work until the log has `records` more of `source`, and kills them in the middle of it. */
async function runAndKill(source: string, records: number): Promise<void> {
  let seen = 0;
  const child = spawnConnectors((line) => {
    if (line.source !== source) return;
    seen += line.records;
    if (seen >= records) child.kill('SIGKILL');
  });
  const [, signal] = (await once(child, 'exit', { signal: AbortSignal.timeout(20_000) })) as [null, string];
  expect(signal).toBe('SIGKILL');
}

async function cursorOf(source: string, file: string): Promise<FileCursor | undefined> {
  const text = await readFile(join(directory, 'connectors', `${source}.json`), 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { files?: { [file: string]: FileCursor } }).files?.[file];
}

const messages = (partition: number): Promise<readonly Uint8Array[]> => messagesOf(log, partition);

test('connectors that are killed again and again lose no row, and what comes twice is the same', async () => {
  const expected = await writeFiles();
  await runAndKill('ledger', 9000);
  expect(await cursorOf('ledger', 'ledger.csv')).not.toMatchObject({ done: true });
  await runAndKill('ledger', 21_000);
  await runAndKill('bank', 3000);
  expect(await cursorOf('bank', 'bank.sta')).not.toMatchObject({ done: true });
  await runAndKill('bank', 5000);

  const last = spawnConnectors(() => undefined);
  const deadline = Date.now() + 30_000;
  for (const [source, file] of [
    ['ledger', 'ledger.csv'],
    ['bank', 'bank.sta'],
  ] as const) {
    while ((await cursorOf(source, file))?.done !== true) {
      expect(Date.now()).toBeLessThan(deadline);
      await delay(50);
    }
  }
  last.stdin!.end();
  await once(last, 'exit', { signal: AbortSignal.timeout(20_000) });

  const contents = new Map<string, string>();
  const findings: string[] = [];
  let records = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (const payload of await messages(partition)) {
      const frame = decodeFrame(payload);
      if (frame.kind === 'finding') findings.push(frame.json);
      if (frame.kind !== 'records') continue;
      records += frame.count;
      for (let row = 0; row < frame.count; row++) {
        const record = readRecord(frame, row);
        const name = `${record.source} ${record.id}`;
        const content = JSON.stringify({ ...record, amount: `${record.amount}`, fee: '', tax: '' });
        if ((contents.get(name) ?? content) !== content) expect(content).toBe(contents.get(name));
        contents.set(name, content);
      }
    }
  }
  expect([...expected.ids].filter((id) => !contents.has(id))).toEqual([]);
  expect(contents.size).toBe(expected.ids.size);
  // A kill this abrupt leaves something behind the cursor; were it not so, the test would show nothing.
  expect(records).toBeGreaterThan(contents.size);

  // The broker drops the repeats of the last minutes by their message ids, which come from the input alone.
  const dead = (await messages(DEAD_LETTER_PARTITION)).map(
    (payload) => JSON.parse(Buffer.from(payload).toString()) as DeadLetter,
  );
  expect(dead.map(({ origin }) => origin.line!).sort((a, b) => a - b)).toEqual(expected.deadLines);
  expect(findings).toHaveLength(1);
}, 90_000);
