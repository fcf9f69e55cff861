import { appendFile, copyFile, mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { MemoryPublisher } from '../conformance/items.ts';
import { sourceOf, temporaryFolder } from '../conformance/harness.ts';
import { runFiles } from './file-runner.ts';
import type { FileRunSummary } from './file-runner.ts';
import { KnownFiles } from './known-files.ts';

let folder: { path: string; remove: () => Promise<void> };
let publisher: MemoryPublisher;
let copies: string[];
beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(at('in'));
  publisher = new MemoryPublisher();
  copies = [];
});
afterEach(() => folder.remove());

const at = (name: string): string => join(folder.path, name);
/** Rows without ids: each is a record of its own by its file and line. */
const rows = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, n) => `${from + n}.00,AED,2026-11-22\n`).join('');
const HEADER = 'amount,currency,time\n';
const STATEMENT = ':20:R\n:25:X\n:28C:1\n:60F:C261121AED0,00\n:61:261121C1,00NTRFA\n:62F:C261121AED1,00\n';

/** One pass over `in`, as after a restart. */
function run(
  settings: { readonly [setting: string]: unknown } = {},
  settleMs = 0,
  connector = 'csv',
): Promise<FileRunSummary> {
  return runFiles({
    sources: [sourceOf(connector, { path: 'in', ...settings })],
    publisher,
    directory: folder.path,
    cursorDirectory: at('cursors'),
    settleMs,
    onCopy: (_, file, first) => copies.push(`${file} = ${first}`),
  });
}

const settle = (name: string): Promise<void> => utimes(at(name), new Date(0), new Date(0));
const read = (): number => publisher.items.length;

describe('the same file under another name', () => {
  test.each([
    ['csv', {}, HEADER + rows(0, 3)],
    ['csv', { whole: true }, HEADER + rows(0, 2000)],
    ['ndjson', { fields: { amount: 'a', time: 't' }, currency: 'AED' }, '{"a":1,"t":"2026-11-22"}\n'],
    ['mt940', {}, STATEMENT],
  ])('of %s %j gives nothing, and one notice', async (connector, settings, content) => {
    await writeFile(at('in/a'), content);
    await run(settings, 0, connector);
    const before = read();
    expect(before).toBeGreaterThan(0);
    await copyFile(at('in/a'), at('in/b'));
    for (let pass = 0; pass < 3; pass++) {
      expect(await run(settings, 0, connector)).toEqual({ files: 0, items: 0, failures: 0 });
    }
    expect(read()).toBe(before);
    expect(copies).toEqual(['in/b = in/a']);
  });

  test('is known when the first was moved away, overwritten, or touched', async () => {
    await writeFile(at('in/a'), HEADER + rows(0, 3));
    await run();
    await rename(at('in/a'), at('in/b'));
    await run();
    await writeFile(at('in/b'), HEADER + rows(5, 6));
    await run();
    expect(read()).toBe(4);
    await writeFile(at('in/b'), HEADER + rows(0, 3));
    await run();
    await settle('in/b');
    await run();
    expect(read()).toBe(4);
    expect(copies).toEqual(['in/b = in/a', 'in/b = in/a', 'in/b = in/a']);
  });

  test('is read where a byte differs, where the source reads it otherwise, and where copies are wanted', async () => {
    const long = HEADER + rows(0, 1000);
    await writeFile(at('in/a'), long);
    await run();
    // Neither its size nor its beginning nor its end tells.
    await writeFile(at('in/b'), long.replace('\n500.00', '\n600.00'));
    await run();
    expect(read()).toBe(2000);
    await copyFile(at('in/a'), at('in/c'));
    await run({ kind: 'charge' });
    expect(read()).toBe(3000);
    await copyFile(at('in/a'), at('in/d'));
    await run({ copies: 'read' });
    expect(read()).toBe(4000);
    expect(copies).toEqual([]);
  });

  test('is not published while it is being copied; another one is read as it grows', async () => {
    const content = HEADER + rows(0, 200);
    await writeFile(at('in/a'), content);
    await run();
    expect(read()).toBe(200);
    for (const size of [10, 900, 1500, content.length]) {
      await writeFile(at('in/b'), content.slice(0, size));
      await run({}, 60_000);
    }
    expect(read()).toBe(200);
    await settle('in/b');
    await run({}, 60_000);
    expect([read(), copies]).toEqual([200, ['in/b = in/a']]);
    await writeFile(at('in/c'), HEADER + rows(300, 400));
    await run({}, 60_000);
    expect(read()).toBe(300);
  });

  test('that goes on is read as a whole', async () => {
    await writeFile(at('in/a'), HEADER + rows(0, 100));
    await run();
    await copyFile(at('in/a'), at('in/b'));
    await run();
    await appendFile(at('in/b'), rows(100, 101));
    await run();
    expect(read()).toBe(201);
  });

  test('is not known of one whose end was never acknowledged', async () => {
    await writeFile(at('in/a'), HEADER + rows(0, 3000));
    let calls = 0;
    publisher.before = () =>
      ++calls > 2 ? Promise.reject(new CounterfoilError('diskFull', 'full')) : Promise.resolve();
    await expect(run()).rejects.toMatchObject({ code: 'diskFull' });
    publisher.before = () => Promise.resolve();
    await copyFile(at('in/a'), at('in/0'));
    await run();
    expect(copies).toEqual(['in/a = in/0']);
    const lines = publisher.items.flatMap((item) =>
      item.type === 'record' && item.origin.file === 'in/0' ? [item.origin.line] : [],
    );
    expect(lines).toHaveLength(3000);
  });

  test('a file that grows after its end is not hashed anew each time', async () => {
    await writeFile(at('in/a'), HEADER + rows(0, 100));
    await run();
    await appendFile(at('in/a'), rows(100, 110));
    await run();
    const { known } = JSON.parse(await readFile(at('cursors/source.json'), 'utf8')) as {
      known: { size: number }[];
    };
    expect(known.map(({ size }) => size)).toEqual([(HEADER + rows(0, 100)).length]);
  });
});

test('the newest 4,096 are remembered', () => {
  const known = new KnownFiles();
  for (let n = 0; n < 5000; n++) {
    known.add({ name: `f${n}`, hash: `h${n}`, size: n, head: '', sample: '' });
  }
  const kept = known.toJSON();
  expect([kept.length, kept[0]!.name, kept.at(-1)!.name]).toEqual([4096, 'f904', 'f4999']);
});
