import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../connectors/conformance/harness.ts';
import { openSource, parseSource } from '../connectors/open-source.ts';
import { rereadDeadLetter } from '../connectors/reread.ts';
import { refusedPayload } from '../engine/codec/index.ts';
import type { DeadLetterView, MoneyRecord, SourceFinding, Translated } from '../engine/domain/index.ts';
import { aRecord } from '../engine/testing/a-record.ts';
import { createReplay } from './replay.ts';
import { deadLetterExample } from './schema/dead-letters.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

const HEADER = 'id,amount,currency,time';
const sources = [
  parseSource('bank', { connector: 'csv', path: '*.csv' }),
  parseSource('shop', { connector: 'http-json' }),
  parseSource('orders', { connector: 'network-international', apiKey: '${K}', realm: 'ni', outlets: ['o'] }),
].map((spec) => openSource(spec));

/** A replay over these sources, with what is published, and dead letters of a file that are open besides. */
function replaying(open: readonly DeadLetterView[] = []) {
  const published: Translated[] = [];
  const replay = createReplay({
    rereaders: new Map(
      sources.map((source) => [
        source.name,
        (letter, corrected) => rereadDeadLetter(source, letter, corrected, folder.path),
      ]),
    ),
    publisher: {
      publish: async (_source, items) => {
        published.push(...items);
      },
      close: async () => undefined,
    },
    queries: {
      deadLetters: async ({ source, file }) => ({
        items: open.filter((letter) => letter.source === source && letter.file === file),
      }),
    },
    withinMs: 10_000,
  });
  const findings = (): SourceFinding[] =>
    published.flatMap((item) => (item.type === 'finding' ? [item.finding] : []));
  const ids = (): string[] => published.flatMap((item) => (item.type === 'record' ? [item.record.id] : []));
  return { replay, published, findings, ids };
}

const inFile = (line: number): DeadLetterView => ({
  ...deadLetterExample,
  position: `1-65535-${line}-0`,
  source: 'bank',
  file: 'bank.csv',
  line,
});
const posted: DeadLetterView = {
  position: '1-65535-3-1',
  source: 'shop',
  code: 'invalidAmount',
  reason: 'amount "12,30" is not a decimal',
  payload: '{"id":"p1","amount":"12,30","currency":"AED","time":"2026-11-22T10:00:00Z"}',
  state: 'open',
  logTime: deadLetterExample.logTime,
};
const by = 'amal';

describe('a posted record', () => {
  test('that is as it was is refused again, stays open, and makes no second dead letter', async () => {
    const { replay, published } = replaying();
    const answer = await replay(posted, { by });
    expect(answer).toMatchObject({ state: 'open', records: 0, refused: [{ code: 'invalidAmount' }] });
    expect(published).toEqual([]);
  });

  test('that is corrected becomes its record, and a finding says by whom and why', async () => {
    const { replay, ids, findings } = replaying();
    const payload = posted.payload.replace('12,30', '12.30');
    expect(await replay(posted, { by, payload, why: 'a comma' })).toEqual({
      state: 'replayed',
      records: 1,
      refused: [],
      others: 0,
    });
    expect(ids()).toEqual(['p1']);
    expect(findings()).toMatchObject([
      {
        kind: 'replayed',
        source: 'shop',
        recordId: posted.position,
        message:
          'dead letter 1-65535-3-1 is corrected and read again by amal (a comma); it was refused because: amount "12,30" is not a decimal',
      },
    ]);
  });

  test('that was cut is no JSON, which is said', async () => {
    const { replay } = replaying();
    const { refused } = await replay(posted, { by, payload: '{"id":"p' });
    expect(refused[0]!.reason).toMatch(/^the payload is no JSON \(.*\); it may have been cut/);
  });
});

describe('a row of a file', () => {
  const write = (...rows: string[]): void =>
    writeFileSync(join(folder.path, 'bank.csv'), `${[HEADER, ...rows].join('\n')}\n`);
  const row = (id: string, amount: string): string => `${id},${amount},AED,2026-11-22`;

  test('is read with its file, and the other rows that are right now are replayed with it', async () => {
    write(row('b1', '1.00'), row('b2', '2.00'), row('b3', 'three'), row('b4', '4.00'));
    const { replay, ids, findings } = replaying([inFile(3), inFile(4), inFile(5)]);
    expect(await replay(inFile(3), { by })).toMatchObject({
      state: 'replayed',
      records: 3,
      others: 1,
      refused: [{ line: 4, code: 'invalidAmount' }],
    });
    expect(ids()).toEqual(['b1', 'b2', 'b4']);
    expect(findings().map(({ recordId }) => recordId)).toEqual(['1-65535-3-0', '1-65535-5-0']);
  });

  test('that is refused again stays open; another row that is right now does not', async () => {
    const { replay, findings } = replaying([inFile(4), inFile(5)]);
    expect(await replay(inFile(4), { by })).toMatchObject({ state: 'open', others: 1 });
    expect(findings().map(({ recordId }) => recordId)).toEqual(['1-65535-5-0']);
  });

  test('is read from a corrected copy under the name of the file', async () => {
    const { replay, published } = replaying([inFile(5)]);
    const payload = `${HEADER}\n${row('b3', '3.00')}\n`;
    expect(await replay(inFile(4), { by, payload })).toMatchObject({ state: 'replayed', others: 0 });
    expect(published[0]).toMatchObject({
      type: 'record',
      record: { id: 'b3' },
      origin: { file: 'bank.csv' },
    });
    expect(await replay(inFile(4), { by, payload: payload.replace('3.00', 'x') })).toMatchObject({
      state: 'open',
    });
  });

  test('of a file that is gone, or that the source never had, is a clear error', async () => {
    const { replay } = replaying();
    for (const file of ['gone.csv', '../bank.csv', '/etc/passwd']) {
      await expect(replay({ ...inFile(2), file }, { by })).rejects.toMatchObject({
        code: 'fileNotFound',
        message: `${file} is no longer among the files of source "bank" on this machine; put it back, or give a corrected copy of it`,
      });
    }
  });
});

describe('a record that the engine refused', () => {
  const record: MoneyRecord = {
    ...aRecord({ source: 'shop', id: 'p7', amount: 1234n, fee: 30n }),
    original: { amount: -500n, currency: 'USD' },
    groupTotal: 9_007_199_254_740_991n,
  };
  const refused: DeadLetterView = {
    ...posted,
    position: '1-0-11-0',
    code: 'unknownSource',
    reason: 'the record’s source is not in the rules in force',
    payload: refusedPayload(record),
  };

  test.each(['shop', 'bank', 'orders'])(
    'is taken as it was, in its own minor units, of %s',
    async (source) => {
      const { replay, published, findings } = replaying();
      const answer = await replay(
        { ...refused, source, payload: refusedPayload({ ...record, source }) },
        { by },
      );
      expect(answer).toMatchObject({ state: 'replayed', records: 1 });
      expect(published[0]).toMatchObject({ type: 'record', record: { ...record, source } });
      expect(findings()).toMatchObject([{ kind: 'replayed', recordId: '1-0-11-0' }]);
    },
  );

  test('is not corrected, and not taken where its id is', async () => {
    const { replay, published } = replaying();
    await expect(replay(refused, { by, payload: '{}' })).rejects.toMatchObject({
      code: 'invalidConfig',
      message: expect.stringContaining('leave the corrected copy out') as string,
    });
    await expect(replay({ ...refused, code: 'idConflict' }, { by })).rejects.toMatchObject({
      code: 'invalidConfig',
      message: expect.stringContaining('correct it at its source') as string,
    });
    await expect(replay({ ...refused, payload: refused.payload.slice(0, 40) }, { by })).rejects.toMatchObject(
      {
        code: 'invalidField',
        message: expect.stringContaining('have its source send it again') as string,
      },
    );
    expect(published).toEqual([]);
  });
});

test('what cannot be read again is said', async () => {
  const { replay } = replaying();
  await expect(replay({ ...posted, source: 'orders' }, { by })).rejects.toMatchObject({
    code: 'invalidConfig',
    message: expect.stringContaining('its provider is asked instead') as string,
  });
  await expect(replay({ ...posted, source: 'other' }, { by })).rejects.toMatchObject({
    code: 'unknownSource',
    message: 'dead letter 1-65535-3-1 is of source "other", which is not configured here',
  });
  await expect(replay({ ...posted, source: '' }, { by })).rejects.toMatchObject({ code: 'unknownSource' });
});
