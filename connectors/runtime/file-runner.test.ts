import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Publisher, Translated } from '../../engine/domain/index.ts';
import { sourceOf, temporaryFolder } from '../conformance/harness.ts';
import { runFiles, watchFiles } from './file-runner.ts';
import type { FileRunnerOptions } from './file-runner.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeEach(async () => (folder = await temporaryFolder()));
afterEach(() => folder.remove());

/** Keeps what is published; a test may make it fail. */
class MemoryPublisher implements Publisher {
  readonly items: Translated[] = [];
  answer: (items: readonly Translated[]) => Promise<void> | void = () => undefined;

  async publish(_source: string, items: readonly Translated[]): Promise<void> {
    await this.answer(items);
    this.items.push(...items);
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  ids(): string[] {
    return this.items.flatMap((item) => (item.type === 'record' ? [item.record.id] : []));
  }
}

const rows = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, n) => `p${from + n},1.00,AED,2026-11-22\n`).join('');
const HEADER = 'id,amount,currency,time\n';

function optionsFor(
  publisher: Publisher,
  path: string,
  more: Partial<FileRunnerOptions> = {},
): FileRunnerOptions {
  return {
    sources: [sourceOf(path.endsWith('.sta') ? 'mt940' : 'csv', { path })],
    publisher,
    directory: folder.path,
    cursorDirectory: join(folder.path, 'cursors'),
    ...more,
  };
}

describe('runFiles', () => {
  test('publishes a file once', async () => {
    await writeFile(join(folder.path, 'a.csv'), HEADER + rows(0, 3000));
    const publisher = new MemoryPublisher();
    const first = await runFiles(optionsFor(publisher, 'a.csv'));
    expect(first).toEqual({ files: 1, items: 3000, failures: 0 });
    expect(publisher.ids()).toHaveLength(3000);
    expect(await runFiles(optionsFor(publisher, 'a.csv'))).toEqual({ files: 0, items: 0, failures: 0 });
    expect(publisher.ids()).toHaveLength(3000);
  });

  test('goes on where a file has grown, and reads another file of the same name as a whole', async () => {
    const path = join(folder.path, 'a.csv');
    await writeFile(path, HEADER + rows(0, 10));
    const publisher = new MemoryPublisher();
    await runFiles(optionsFor(publisher, 'a.csv'));
    await appendFile(path, rows(10, 15));
    await runFiles(optionsFor(publisher, 'a.csv'));
    expect(publisher.ids()).toEqual(Array.from({ length: 15 }, (_, n) => `p${n}`));
    await writeFile(path, HEADER + rows(50, 52));
    await runFiles(optionsFor(publisher, 'a.csv'));
    expect(publisher.ids().slice(15)).toEqual(['p50', 'p51']);
  });

  test('a last row that was not ended is read again when the file has grown', async () => {
    const path = join(folder.path, 'a.csv');
    await writeFile(path, `${HEADER}p0,1.00,AED,2026-11-22\np1,1.00,AED,2026-11-2`);
    const publisher = new MemoryPublisher();
    await runFiles(optionsFor(publisher, 'a.csv'));
    await appendFile(path, '2\np2,1.00,AED,2026-11-22\n');
    await runFiles(optionsFor(publisher, 'a.csv'));
    expect(publisher.ids()).toEqual(['p0', 'p1', 'p2']);
  });

  test('a crash between publishing and the cursor loses nothing, and what is repeated is the same', async () => {
    const content = HEADER + rows(0, 20_000);
    await writeFile(join(folder.path, 'a.csv'), content);
    const publisher = new MemoryPublisher();
    let calls = 0;
    publisher.answer = () => {
      if (++calls > 20) throw new CounterfoilError('diskFull', 'no space left');
    };
    await expect(runFiles(optionsFor(publisher, 'a.csv'))).rejects.toMatchObject({ code: 'diskFull' });
    const before = publisher.ids().length;
    expect(before).toBeGreaterThan(0);
    publisher.answer = () => undefined;
    await runFiles(optionsFor(publisher, 'a.csv'));
    const byId = new Map<string, Set<string>>();
    for (const item of publisher.items) {
      if (item.type !== 'record') continue;
      const text = JSON.stringify(item, (_, value: unknown) =>
        typeof value === 'bigint' ? `${value}` : value,
      );
      byId.set(item.record.id, (byId.get(item.record.id) ?? new Set()).add(text));
    }
    expect(byId.size).toBe(20_000);
    for (const versions of byId.values()) expect(versions.size).toBe(1);
  });

  test('the cursor never passes what is not stored', async () => {
    await writeFile(join(folder.path, 'a.csv'), HEADER + rows(0, 20_000));
    const publisher = new MemoryPublisher();
    // Everything but one batch in the middle is stored; that one fails for good, after those behind it were stored.
    publisher.answer = async (items) => {
      const first = items[0]!;
      if (first.type !== 'record' || first.record.id !== 'p5120') return;
      await new Promise((resolve) => setTimeout(resolve, 300));
      throw new CounterfoilError('diskFull', 'full');
    };
    const options = optionsFor(publisher, 'a.csv', { saveIntervalMs: 0 });
    await expect(runFiles(options)).rejects.toMatchObject({ code: 'diskFull' });
    expect(publisher.ids()).toContain('p8000');
    publisher.answer = () => undefined;
    const before = publisher.items.length;
    await runFiles(options);
    expect(new Set(publisher.ids()).size).toBe(20_000);
    // What is before it was known by the cursor.
    expect(publisher.ids()[before]).toBe('p5120');
  });

  test('waits for a log that has no room', async () => {
    await writeFile(join(folder.path, 'a.csv'), HEADER + rows(0, 10));
    const publisher = new MemoryPublisher();
    let refusals = 1;
    publisher.answer = () => {
      if (refusals-- > 0) throw new CounterfoilError('overloaded', 'full');
    };
    await runFiles(optionsFor(publisher, 'a.csv'));
    expect(publisher.ids()).toHaveLength(10);
  });

  test('reads the files of a folder and of a pattern by name; one bad file does not stop the others', async () => {
    await mkdir(join(folder.path, 'in'));
    await writeFile(join(folder.path, 'in/b.csv'), HEADER + rows(2, 4));
    await writeFile(join(folder.path, 'in/a.csv'), HEADER + rows(0, 2));
    await writeFile(join(folder.path, 'in/c.csv'), 'no,such,columns\n1,2,3\n');
    await writeFile(join(folder.path, 'in/.hidden.csv'), HEADER + rows(9, 10));
    await writeFile(join(folder.path, 'in/other.txt'), HEADER + rows(8, 9));
    const failures: string[] = [];
    const publisher = new MemoryPublisher();
    const onFailure = (_: string, file: string, error: CounterfoilError): void => {
      failures.push(`${file} ${error.code}`);
    };
    const summary = await runFiles(optionsFor(publisher, 'in/*.csv', { onFailure }));
    expect(publisher.ids()).toEqual(['p0', 'p1', 'p2', 'p3']);
    expect(failures).toEqual(['in/c.csv invalidConfig']);
    expect(summary).toMatchObject({ files: 2, failures: 1 });
    await rm(join(folder.path, 'cursors'), { recursive: true });
    await runFiles(optionsFor(publisher, 'in', { onFailure }));
    expect(publisher.ids().slice(4)).toEqual(['p0', 'p1', 'p2', 'p3', 'p8']);
  });

  test('a file that is not there is reported', async () => {
    const failures: CounterfoilError[] = [];
    const summary = await runFiles(
      optionsFor(new MemoryPublisher(), 'gone.csv', { onFailure: (_s, _f, error) => failures.push(error) }),
    );
    expect(summary.failures).toBe(1);
    expect(failures[0]).toMatchObject({ code: 'fileNotFound' });
  });

  test('progress is published after everything before it is stored', async () => {
    const lines = Array.from({ length: 2000 }, () => ':61:261121C1,00NTRFA').join('\n');
    await writeFile(
      join(folder.path, 'a.sta'),
      `:20:R\n:25:X\n:28C:1\n:60F:C261121AED0,00\n${lines}\n:62F:C261121AED2000,00\n:20:R\n:25:X\n:28C:2\n:60F:C261121AED0,00\n:62F:C261122AED0,00\n`,
    );
    const publisher = new MemoryPublisher();
    publisher.answer = (items) => new Promise((resolve) => setTimeout(resolve, items.length > 400 ? 20 : 1));
    await runFiles(optionsFor(publisher, 'a.sta'));
    expect(publisher.items.at(-1)?.type).toBe('progress');
    expect(publisher.ids()).toHaveLength(2000);
  });
});

describe('watchFiles', () => {
  /** Runs while `act` does; @returns what was published. */
  async function watching(
    path: string,
    act: (publisher: MemoryPublisher) => Promise<void>,
  ): Promise<MemoryPublisher> {
    const stop = new AbortController();
    const publisher = new MemoryPublisher();
    const options = { ...optionsFor(publisher, path, { settleMs: 60_000 }), signal: stop.signal };
    const running = watchFiles(options, 5);
    try {
      await act(publisher);
    } finally {
      stop.abort();
      await running;
    }
    return publisher;
  }

  const settle = (path: string): Promise<void> => utimes(path, new Date(0), new Date(0));
  const somePasses = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

  test('a file that grows is read up to its last whole row, and the rest once it is quiet', async () => {
    const path = join(folder.path, 'a.csv');
    await watching('a.csv', async (publisher) => {
      const expectIds = (...ids: string[]) =>
        vi.waitFor(() => expect(publisher.ids()).toEqual(ids), { timeout: 5000 });
      await writeFile(path, 'id,amount,curr');
      await somePasses();
      await appendFile(path, `ency,time\n${rows(0, 2)}p2,1.00,AED,2026-11-2`);
      await expectIds('p0', 'p1');
      await somePasses();
      await appendFile(path, '2\n"p3\n');
      await expectIds('p0', 'p1', 'p2');
      await somePasses();
      await appendFile(path, 'of two lines",1.00,AED,2026-11-22\np4,1.00,AED,2026-11-22');
      await expectIds('p0', 'p1', 'p2', 'p3\nof two lines');
      await somePasses();
      await settle(path);
      await expectIds('p0', 'p1', 'p2', 'p3\nof two lines', 'p4');
      expect(publisher.items.map((item) => item.type === 'record' && item.origin.line)).toEqual([
        2, 3, 4, 5, 7,
      ]);
    });
  });

  test('a statement is left until it has settled', async () => {
    const path = join(folder.path, 'a.sta');
    const publisher = await watching('a.sta', async (during) => {
      await writeFile(
        path,
        ':20:R\n:25:X\n:28C:1\n:60F:C261121AED0,00\n:61:261121C1,00NTRFA\n:62F:C261121AED1,00\n',
      );
      await somePasses();
      expect(during.items).toEqual([]);
      await settle(path);
      await vi.waitFor(() => expect(during.ids()).toHaveLength(1), { timeout: 5000 });
    });
    expect(publisher.ids()).toEqual(['X/1/2026-11-21/1']);
  });
});

/** Rows of which some are quoted, damaged or of several lines. */
const row = fc.oneof(
  fc.nat().map((n) => `p${n},1.00,AED,2026-11-22`),
  fc.constantFrom('"a,b",2.00,AED,2026-11-22', '"a\nb",2.00,AED,2026-11-22', 'x,y', '', 'é,1,AED,2026-11-22'),
);

test.prop([fc.array(row, { maxLength: 30 }), fc.array(fc.nat(), { minLength: 1, maxLength: 6 })], {
  numRuns: 60,
})('a file read while it grows gives what it gives as a whole, once', async (lines, cuts) => {
  const bytes = Buffer.from(HEADER + lines.map((line) => `${line}\n`).join(''));
  const name = `${randomUUID()}.csv`;
  const path = join(folder.path, name);
  const [grown, whole] = [new MemoryPublisher(), new MemoryPublisher()];
  let from = 0;
  for (const cut of [...cuts.map((at) => at % bytes.length).sort((a, b) => a - b), bytes.length]) {
    await appendFile(path, bytes.subarray(from, cut));
    await runFiles(optionsFor(grown, name, { settleMs: 60_000 }));
    from = cut;
  }
  await runFiles(optionsFor(grown, name));
  await runFiles(optionsFor(whole, name, { cursorDirectory: join(folder.path, 'others') }));
  expect(grown.items).toEqual(whole.items);
});

test('a large file that has grown is read on from where it ended', async () => {
  const path = join(folder.path, 'a.csv');
  await writeFile(path, HEADER + rows(0, 40_000));
  const publisher = new MemoryPublisher();
  await runFiles(optionsFor(publisher, 'a.csv', { settleMs: 60_000 }));
  expect(publisher.items).toHaveLength(40_000);
  await appendFile(path, rows(40_000, 40_002));
  await runFiles(optionsFor(publisher, 'a.csv', { settleMs: 60_000 }));
  expect(publisher.ids().slice(40_000)).toEqual(['p40000', 'p40001']);
  expect(publisher.items.at(-1)).toMatchObject({ origin: { line: 40_003 } });
});

test('a file written anew with the same beginning is read as a whole', async () => {
  const path = join(folder.path, 'a.csv');
  await writeFile(path, HEADER + rows(0, 200));
  const publisher = new MemoryPublisher();
  await runFiles(optionsFor(publisher, 'a.csv'));
  await writeFile(path, HEADER + rows(0, 100) + rows(500, 501) + rows(100, 200));
  await runFiles(optionsFor(publisher, 'a.csv'));
  expect(publisher.ids().slice(200)).toHaveLength(201);
});
