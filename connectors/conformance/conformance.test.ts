import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConfigSchema } from '../../engine/config/index.ts';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { MoneyRecord, Publisher, Translated } from '../../engine/domain/index.ts';
import { exponentOf } from '../../engine/domain/index.ts';
import { MAX_BATCH_ITEMS, hasOrigin } from '../contract/index.ts';
import { CONNECTOR_SCHEMAS, openSource } from '../open-source.ts';
import { CONNECTORS } from '../registry.ts';
import { runFiles } from '../runtime/index.ts';
import { asText, readBatches, readContent, sourceOf, temporaryFolder } from './harness.ts';
import { CONFORMANCE_CASES } from './samples.ts';

const CARD = '4111111111111111';

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

const recordsOf = (items: readonly Translated[]): MoneyRecord[] =>
  items.flatMap((item) => (item.type === 'record' ? [item.record] : []));

/** What the connector makes of an input, whichever way it takes it. */
async function take(name: string, input: string | Uint8Array): Promise<Translated[]> {
  const source = sourceOf(name, CONFORMANCE_CASES[name]!.settings);
  if (source.connector.capabilities.files) return readContent(source, folder.path, input);
  let payload: unknown = input;
  try {
    payload = JSON.parse(Buffer.from(input).toString());
  } catch {
    // What is no JSON does not reach a connector; as a text it still must not break it.
  }
  return source.translate(payload);
}

/** What every item has to be, whatever the input was. */
function check(items: readonly Translated[]): void {
  for (const item of items) {
    if (item.type === 'record') {
      const { record } = item;
      exponentOf(record.currency);
      expect(record.id).not.toBe('');
      expect(Number.isSafeInteger(Number(record.amount))).toBe(true);
      expect(Number.isInteger(record.time)).toBe(true);
    } else if (item.type === 'deadLetter') {
      expect(item.deadLetter.reason).toMatch(/^.+$/);
      expect(Buffer.byteLength(item.deadLetter.payload)).toBeLessThanOrEqual(65_536);
    } else if (item.type === 'finding') {
      expect(Number.isSafeInteger(item.finding.amount)).toBe(true);
    }
  }
}

/** Those that are given their input. Those that fetch it themselves are looked at with a provider to talk to. */
const READERS = CONNECTORS.filter(({ capabilities }) => capabilities.files || capabilities.push);

test.each(READERS.map(({ name }) => name))('%s has a case', (name) => {
  expect(
    CONFORMANCE_CASES[name],
    `connector "${name}" has no case in this suite: add one to connectors/conformance/samples.ts`,
  ).toBeDefined();
});

test.each(CONNECTORS)('$name is looked at, here or in live/', ({ capabilities }) => {
  const { files, push, webhooks, polling } = capabilities;
  expect(files || push || webhooks || polling).toBe(true);
});

describe.each(READERS.map((connector) => [connector.name, connector] as const))('%s', (name, connector) => {
  const example = CONFORMANCE_CASES[name]!;

  test('is described: a title, settings that refuse what they do not know, a case in this suite', () => {
    expect(example).toBeDefined();
    expect(connector.title.length).toBeGreaterThan(5);
    expect(CONNECTOR_SCHEMAS[name]).toBe(connector.settings);
    expect(connector.settings.safeParse({ ...example.settings, noSuchSetting: 1 }).success).toBe(false);
    expect(connector.readFile !== undefined).toBe(connector.capabilities.files);
    expect(connector.translate !== undefined).toBe(connector.capabilities.push);
    const settings = connector.settings.parse({
      ...example.settings,
      zone: 'Asia/Dubai',
      outOfOrder: '1h',
    });
    expect(openSource({ name: 's', connector: name, settings }).rule).toMatchObject({
      name: 's',
      outOfOrder: 3_600_000,
    });
    expect(connector.settings.safeParse({ ...example.settings, zone: 'Mars/Base' }).success).toBe(false);
    const written = { connector: name, ...example.settings, outOfOrder: '1h', idleTimeout: '2s' };
    const [source] = createConfigSchema(CONNECTOR_SCHEMAS).parse({ sources: { s: written } }).sources;
    expect(source).toMatchObject({ outOfOrder: 3_600_000, idleTimeout: 2000 });
    expect(source!.settings).toMatchObject({ outOfOrder: 3_600_000, idleTimeout: 2000 });
  });

  test('makes a record of each part of a good input', async () => {
    const items = await take(name, example.good);
    expect(items.filter((item) => item.type === 'deadLetter')).toEqual([]);
    const records = recordsOf(items);
    expect(records).toHaveLength(example.records);
    expect(new Set(records.map((record) => record.id)).size).toBe(example.records);
    expect(records.reduce((sum, record) => sum + record.amount, 0n)).toBe(
      BigInt((example.records * (example.records - 1) * 100) / 2),
    );
    check(items);
  });

  test('gives the same for the same input', async () => {
    const [first, second] = [await take(name, example.good), await take(name, example.good)];
    expect(asText(second)).toBe(asText(first));
  });

  test('puts what it cannot read into a dead letter, and the rest is as before', async () => {
    const items = await take(name, example.damaged);
    expect(items.filter((item) => item.type === 'deadLetter')).toHaveLength(1);
    expect(recordsOf(items)).toEqual(recordsOf(await take(name, example.good)));
  });

  test('keeps no card number, in records or dead letters', async () => {
    const text = asText(await take(name, example.damaged));
    expect(text).toContain('411111******1111');
    expect(text).not.toContain(CARD);
  });

  test('origins ascend', async () => {
    let last = { offset: -1, ordinal: 0 };
    for (const item of (await take(name, example.damaged)).filter(hasOrigin)) {
      const { origin } =
        item.type === 'record' ? item : (item as Translated & { type: 'deadLetter' }).deadLetter;
      expect(
        origin.offset > last.offset || (origin.offset === last.offset && origin.ordinal > last.ordinal),
      ).toBe(true);
      last = origin;
    }
  });
});

describe.each(CONNECTORS.filter((connector) => connector.capabilities.files).map(({ name }) => name))(
  'files of %s',
  (name) => {
    const example = CONFORMANCE_CASES[name]!;

    test('gives batches of bounded size', async () => {
      const path = join(folder.path, `${name}-batches`);
      await writeFile(path, example.good);
      const batches = await readBatches(sourceOf(name, example.settings), path);
      expect(batches.length).toBeGreaterThan(1);
      for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(MAX_BATCH_ITEMS);
    });

    test('a crash between publish and cursor loses nothing and doubles nothing', async () => {
      const { path, remove } = await temporaryFolder();
      await writeFile(join(path, 'input'), example.good);
      const stored = new Map<string, string>();
      let calls = 0;
      let crash = true;
      const publisher: Publisher = {
        async publish(_, items) {
          if (crash && ++calls > 1) throw new CounterfoilError('diskFull', 'full');
          for (const record of recordsOf(items)) {
            const content = asText([{ type: 'record', record, origin: { offset: 0, ordinal: 0 } }]);
            // The kernel tells a repeat by id and content: it must be the same to the letter.
            expect(stored.get(record.id) ?? content).toBe(content);
            stored.set(record.id, content);
          }
        },
        async close() {
          await Promise.resolve();
        },
      };
      const options = {
        sources: [sourceOf(name, { ...example.settings, path: 'input' })],
        publisher,
        directory: path,
        cursorDirectory: join(path, 'cursors'),
      };
      await expect(runFiles(options)).rejects.toMatchObject({ code: 'diskFull' });
      expect(stored.size).toBeLessThan(example.records);
      crash = false;
      await runFiles(options);
      expect(stored.size).toBe(example.records);
      await remove();
    });
  },
);
