import { describe, expect, test, vi } from 'vitest';
import { CounterfoilError, type ResultStore, type TableName } from '../domain/index.ts';
import type { AppliedBatch } from '../shards/index.ts';
import type { PipelineObserver } from './types.ts';
import { ResultWriter } from './writer.ts';

/** Keeps what is inserted; `before` may delay or refuse an insert. */
function memoryStore(before: (table: TableName, attempt: number) => Promise<void> = () => Promise.resolve()) {
  const inserts: { table: TableName; text: string; token: string }[] = [];
  const tokens = new Set<string>();
  let attempts = 0;
  const store: Pick<ResultStore, 'insert'> = {
    async insert(table, chunks, rows, token) {
      await before(table, ++attempts);
      const text = Buffer.concat(chunks).toString();
      expect(text.split('\n').length - 1).toBe(rows);
      if (!tokens.has(token)) inserts.push({ table, text, token });
      tokens.add(token);
    },
  };
  return { store: store as ResultStore, inserts };
}

const observer: PipelineObserver = {
  inserted: () => undefined,
  insertRetried: () => undefined,
  stored: () => undefined,
  checkpointed: () => undefined,
  summary: () => undefined,
  event: () => undefined,
};

function batch(sequence: number, tables: Partial<Record<TableName, string[]>>): AppliedBatch {
  const blocks = Object.entries(tables).map(([table, rows]) => ({
    table: table as TableName,
    rows: rows.length,
    bytes: Buffer.from(rows.map((row) => `${row}\n`).join('')),
  }));
  return {
    sequence,
    logTime: Date.now(),
    firstLogTime: Date.now(),
    blocks,
    minutes: [0],
    rulesHash: '',
    isBehind: false,
    accepted: 0,
    duplicates: 0,
    matches: 0,
    breaks: 0,
    deadLetters: 0,
  };
}

const never = new AbortController().signal;
const OPTIONS = { flushIntervalMs: 5, flushRows: 1000, maxPendingBytes: 1 << 20 };

function writerOver(store: ResultStore, options = OPTIONS, onFatal = vi.fn()) {
  const stored: [number, number][] = [];
  const writer = new ResultWriter(store, options, observer, (p, b) => stored.push([p, b.sequence]), onFatal);
  return { writer, stored, onFatal };
}

describe('ResultWriter', () => {
  test('stores the rows of all partitions with one insert per table', async () => {
    const { store, inserts } = memoryStore();
    const { writer, stored } = writerOver(store);
    await writer.add(0, batch(1, { records: ['a'], matches: ['m'] }), never);
    await writer.add(1, batch(1, { records: ['b'] }), never);
    await writer.whenStored(1, 1, never);
    expect(inserts.map(({ table, text }) => [table, text])).toEqual([
      ['records', 'a\nb\n'],
      ['matches', 'm\n'],
    ]);
    expect(stored).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  test('a position counts as stored only when every table has acknowledged it', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { store } = memoryStore((table) => (table === 'breaks' ? held : Promise.resolve()));
    const { writer, stored } = writerOver(store);
    await writer.add(0, batch(1, { records: ['a'], breaks: ['x'] }), never);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(stored).toEqual([]);
    release();
    await writer.whenStored(0, 1, never);
    expect(stored).toEqual([[0, 1]]);
  });

  test('repeats a failed insert with the same rows and token until it is taken', async () => {
    const { store, inserts } = memoryStore((_, attempt) =>
      attempt < 3 ? Promise.reject(new CounterfoilError('storeUnreachable', 'away')) : Promise.resolve(),
    );
    const { writer } = writerOver(store);
    await writer.add(0, batch(1, { records: ['a'] }), never);
    await writer.add(0, batch(2, { records: ['b'] }), never);
    await writer.whenStored(0, 2, never);
    expect(inserts.map(({ text }) => text).join('')).toBe('a\nb\n');
  });

  test('holds its caller back while too much waits, and lets it go on afterwards', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { store } = memoryStore(() => held);
    const { writer } = writerOver(store, { ...OPTIONS, maxPendingBytes: 3 });
    await writer.add(0, batch(1, { records: ['a'] }), never);
    let through = false;
    const second = writer.add(0, batch(2, { records: ['b'] }), never).then(() => (through = true));
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(through).toBe(false);
    release();
    await second;
    expect(writer.pendingBytes).toBeLessThanOrEqual(3);
  });

  test('an error that cannot be repeated is fatal and stores nothing more', async () => {
    const { store } = memoryStore(() => Promise.reject(new CounterfoilError('diskFull', 'disk full')));
    const { writer, stored, onFatal } = writerOver(store);
    await writer.add(0, batch(1, { records: ['a'] }), never);
    await vi.waitFor(() => {
      expect(onFatal).toHaveBeenCalledOnce();
    });
    await expect(writer.whenStored(0, 1, never)).rejects.toMatchObject({ code: 'stopping' });
    expect(stored).toEqual([]);
  });

  test('forgets the rows of a partition that was lost to another owner', async () => {
    const { store, inserts } = memoryStore();
    const { writer } = writerOver(store, { ...OPTIONS, flushIntervalMs: 50 });
    await writer.add(0, batch(1, { records: ['a'] }), never);
    await writer.add(1, batch(1, { records: ['b'] }), never);
    writer.discard(0);
    await writer.whenStored(1, 1, never);
    expect(inserts.map(({ text }) => text)).toEqual(['b\n']);
    expect(writer.pendingBytes).toBe(0);
  });

  test('close stores what waits', async () => {
    const { store, inserts } = memoryStore();
    const { writer } = writerOver(store, { ...OPTIONS, flushIntervalMs: 60_000 });
    await writer.add(0, batch(1, { findings: ['f'] }), never);
    await writer.close(5000);
    expect(inserts.map(({ text }) => text)).toEqual(['f\n']);
  });
});
