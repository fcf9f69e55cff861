import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CONNECTOR_SCHEMAS } from '../connectors/open-source.ts';
import { freePort, startNatsServer } from '../deploy/local/index.ts';
import type { NatsServer } from '../deploy/local/index.ts';
import {
  RecordFrameBuilder,
  RowBuffer,
  decodeFrame,
  encodeFrame,
  encodeResultFrame,
  readRecord,
  writeBreakRow,
  writeCommandRow,
  writeDeadLetterRow,
  writeFindingRow,
  writeMatchRow,
  writeRecordRow,
} from '../engine/codec/index.ts';
import { parseConfig } from '../engine/config/index.ts';
import { commandSchema } from '../engine/domain/index.ts';
import type {
  Break,
  Log,
  Match,
  MoneyRecord,
  PartitionSummary,
  Publisher,
  ResultQueries,
  ResultStore,
  TableName,
} from '../engine/domain/index.ts';
import { openStore } from '../engine/store/index.ts';
import { connectLog } from '../engine/stream/index.ts';
import { createLogger, createMetrics } from '../engine/telemetry/index.ts';
import { startApi } from './main.ts';
import { breakDetailSchema, matchDetailSchema } from './schema/results.ts';
import type { RunningServer } from '../engine/server/index.ts';

const LOG_TIME = Date.UTC(2026, 10, 22, 10);
const EPOCH = 1;
const PARTITION = 3;

const CONFIG = `
partitions: 4
sources:
  gateway: { connector: http-json, account: store-dubai }
  bank: { connector: http-json, account: store-dubai }
reconciliations:
  - name: gateway-to-bank
    left: { sources: [gateway] }
    right: { sources: [bank] }
    window: { before: 1h, after: 3d }
    rules:
      - { name: by-reference, keys: [reference], tolerance: { amount: "0.50" } }
`;

const record = (source: string, id: string, amount: bigint): MoneyRecord => ({
  source,
  id,
  account: 'store-dubai',
  kind: 'charge',
  status: 'booked',
  currency: 'AED',
  amount,
  fee: 450n,
  tax: 23n,
  time: LOG_TIME - 60_000,
  precision: 'instant',
  offsetMinutes: 240,
  valueDate: 20_779,
  references: { reference: `ref-${id}`, "odd'name": 'tab\tand\nline' },
  attributes: {},
});

const RECORDS = [
  record('gateway', 'g1', 20_000n),
  record('bank', 'b1', 19_960n),
  record('gateway', 'g2', -1n),
];

const match: Match = {
  sequence: 8,
  n: 0,
  logTime: LOG_TIME,
  matchSequence: 8,
  matchN: 0,
  version: 1,
  state: 'matched',
  reconciliation: 'gateway-to-bank',
  pools: ['gateway-to-bank.left', 'gateway-to-bank.right'],
  rule: 'by-reference',
  fields: ['reference', 'currency', 'amount ± 0.50'],
  account: 'store-dubai',
  currency: 'AED',
  legs: [
    { side: 'left', source: 'gateway', id: 'g1', sequence: 7, ordinal: 0, allocated: 20_000 },
    { side: 'right', source: 'bank', id: 'b1', sequence: 7, ordinal: 1, allocated: 19_960 },
  ],
  difference: 40,
  causes: { tolerance: 40 },
  lagMs: 0,
};

const opened: Break = {
  sequence: 9,
  n: 0,
  logTime: LOG_TIME + 1000,
  breakSequence: 9,
  breakN: 0,
  version: 1,
  state: 'open',
  reconciliation: 'gateway-to-bank',
  pools: match.pools,
  kind: 'unmatched',
  account: 'store-dubai',
  currency: 'AED',
  members: [{ side: 'left', source: 'gateway', id: 'g2', sequence: 7, ordinal: 2, amount: -1 }],
  amount: -1,
  dueTime: LOG_TIME,
  why: { rule: 'by-reference', condition: 'noCounterpart', tolerance: 50 },
  reason: '',
};
const healed: Break = {
  ...opened,
  sequence: 10,
  logTime: LOG_TIME + 2000,
  version: 2,
  state: 'resolved',
  resolvedBy: { sequence: 10, n: 1 },
};
const finding = {
  sequence: 7,
  n: 4,
  logTime: LOG_TIME,
  kind: 'idReused' as const,
  source: 'gateway',
  recordId: 'g1',
  account: 'store-dubai',
  currency: 'AED',
  amount: -4000,
  message: 'id g1 was used before',
};

function rows(write: (buffer: RowBuffer) => void): Uint8Array {
  const buffer = new RowBuffer();
  write(buffer);
  return buffer.take();
}

/** Publishes into one partition of the real log; how frames are cut is not the subject here. */
function publisherTo(log: Log): Publisher {
  return {
    async publish(_source, items) {
      const builder = new RecordFrameBuilder();
      for (const item of items) if (item.type === 'record') builder.add(item.record);
      if (builder.count > 0) await log.append(PARTITION, encodeFrame(builder.build()));
    },
    close: async () => undefined,
  };
}

let directory: string;
let broker: NatsServer;
let log: Log;
let store: ResultStore & ResultQueries;
let server: RunningServer;

async function get<T = { [name: string]: unknown }>(path: string): Promise<T> {
  const answer = await fetch(`${server.url}${path}`);
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as T;
}

const items = async (path: string) => (await get<{ items: { [name: string]: unknown }[] }>(path)).items;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-api-'));
  broker = await startNatsServer({ dataDir: join(directory, 'nats'), port: await freePort() });
  log = await connectLog({ url: broker.url });
  await log.open(4);
  store = await openStore({ url: 'embedded', path: join(directory, 'store') });
  await store.migrate();

  const builder = new RecordFrameBuilder();
  for (const each of RECORDS) builder.add(each);
  const frame = builder.build();
  const tables: [TableName, number, Uint8Array][] = [
    [
      'records',
      RECORDS.length,
      rows((buffer) => {
        for (let row = 0; row < RECORDS.length; row++) {
          writeRecordRow(buffer, EPOCH, PARTITION, 7, row, LOG_TIME, frame, row);
        }
      }),
    ],
    ['matches', 1, rows((buffer) => writeMatchRow(buffer, EPOCH, PARTITION, match))],
    [
      'breaks',
      2,
      rows((buffer) => {
        writeBreakRow(buffer, EPOCH, PARTITION, opened);
        writeBreakRow(buffer, EPOCH, PARTITION, healed);
      }),
    ],
    ['findings', 1, rows((buffer) => writeFindingRow(buffer, EPOCH, PARTITION, finding))],
    [
      'dead_letters',
      1,
      rows((buffer) =>
        writeDeadLetterRow(buffer, EPOCH, PARTITION, 7, 3, LOG_TIME, {
          source: 'gateway',
          code: 'idConflict',
          reason: 'id g1 was used before with other content',
          origin: { offset: 1, ordinal: 0 },
          payload: '{"id":"g1"}',
        }),
      ),
    ],
  ];
  for (const [table, count, bytes] of tables) await store.insert(table, [bytes], count, `test-${table}`);

  server = await startApi({
    directory: '.',
    config: parseConfig(CONFIG, 'test.yaml', CONNECTOR_SCHEMAS, { env: {}, directory }),
    log,
    store,
    publisher: publisherTo(log),
    metrics: createMetrics({ process: false }),
    logger: createLogger({ level: 'silent' }),
  });
});

afterAll(async () => {
  await server.close();
  await store.close();
  await log.close();
  await broker.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('the API over a real log and a real database', () => {
  test('lists records as their sources reported them, and finds them by each filter', async () => {
    const found = await items('/v1/records?source=gateway&id=g1');
    expect(found).toEqual([
      {
        position: '1-3-7-0',
        source: 'gateway',
        id: 'g1',
        account: 'store-dubai',
        kind: 'charge',
        status: 'booked',
        currency: 'AED',
        amount: '200.00',
        fee: '4.50',
        tax: '0.23',
        net: '195.27',
        time: '2026-11-22T09:59:00.000Z',
        valueDate: '2026-11-22',
        references: { reference: 'ref-g1', "odd'name": 'tab\tand\nline' },
        attributes: {},
        logTime: '2026-11-22T10:00:00.000Z',
      },
    ]);
    expect(await items('/v1/records?reference=ref-b1')).toHaveLength(1);
    expect(await items('/v1/records?from=2026-11-22T10:00:00Z')).toHaveLength(0);
    expect(await items('/v1/records?account=store-dubai&currency=AED&kind=charge')).toHaveLength(3);
  });

  test('pages without losing or repeating a record', async () => {
    const ids: unknown[] = [];
    let path: string | undefined = '/v1/records?limit=1';
    while (path !== undefined && ids.length < 10) {
      const answer: Response = await fetch(`${server.url}${path}`);
      ids.push(...((await answer.json()) as { items: { id: string }[] }).items.map(({ id }) => id));
      path = /^<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect([...ids].sort()).toEqual(['b1', 'g1', 'g2']);
    const answer = await fetch(`${server.url}/v1/records?cursor=nonsense`);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { code: string }).code).toBe('invalidField');
  });

  test('a match comes with its records and its rule', async () => {
    expect(await items('/v1/matches?recordId=b1')).toHaveLength(1);
    const detail = matchDetailSchema.parse(await get('/v1/matches/1-3-8-0'));
    expect(detail.records.map(({ id }) => id).sort()).toEqual(['b1', 'g1']);
    expect(detail.match).toMatchObject({ difference: '0.40', causes: { tolerance: '0.40' } });
    expect(detail.match.legs.map((leg) => leg.record)).toEqual(['1-3-7-0', '1-3-7-1']);
    expect(detail.rule).toMatchObject({ name: 'by-reference', tolerance: { amount: '0.50' } });
    expect((await fetch(`${server.url}/v1/matches/1-3-9999-0`)).status).toBe(404);
  });

  test('a break is shown in its latest version', async () => {
    expect(await items('/v1/breaks?state=open')).toHaveLength(0);
    expect(await items('/v1/breaks?state=resolved&kind=unmatched')).toHaveLength(1);
    const detail = breakDetailSchema.parse(await get('/v1/breaks/1-3-9-0'));
    expect(detail.break).toMatchObject({
      version: 2,
      state: 'resolved',
      resolvedBy: '1-3-10-1',
      amount: '-0.01',
    });
    expect(detail.records.map(({ id }) => id)).toEqual(['g2']);
  });

  test('findings and dead letters', async () => {
    expect(await items('/v1/findings')).toMatchObject([
      { position: '1-3-7-4', kind: 'idReused', amount: '-40.00' },
    ]);
    expect(await items('/v1/dead-letters?source=gateway')).toMatchObject([
      { position: '1-3-7-3', code: 'idConflict', payload: '{"id":"g1"}' },
    ]);
  });

  test('posted records are in the log before the answer', async () => {
    const answer = await fetch(`${server.url}/v1/records`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        source: 'gateway',
        records: [
          { id: 'p1', currency: 'AED', amount: '12.30', time: '2026-11-22T10:00:00Z', reference: 'R-1' },
          { id: 'p2', currency: 'AED', amount: '12.345', time: '2026-11-22T10:00:00Z' },
        ],
      }),
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      accepted: 1,
      deadLetters: [{ index: 1, code: 'invalidAmount' }],
    });
    const message = await log.get(PARTITION, (await log.state(PARTITION)).lastSequence);
    const frame = decodeFrame(message!.payload);
    if (frame.kind !== 'records') throw new Error(`a frame of ${frame.kind}`);
    expect(readRecord(frame, 0)).toMatchObject({
      source: 'gateway',
      id: 'p1',
      account: 'store-dubai',
      amount: 1230n,
      references: { reference: 'R-1' },
    });
  });

  test('announced results arrive live exactly as the lists show them', async () => {
    const abort = new AbortController();
    const response = await fetch(`${server.url}/v1/live?types=match,break,finding`, { signal: abort.signal });
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body!) text += new TextDecoder().decode(chunk as Uint8Array);
    })().catch(() => undefined);
    log.announce(
      `cf.results.${PARTITION}`,
      encodeResultFrame({
        matches: rows((buffer) => writeMatchRow(buffer, EPOCH, PARTITION, match)),
        breaks: rows((buffer) => writeBreakRow(buffer, EPOCH, PARTITION, healed)),
        findings: rows((buffer) => writeFindingRow(buffer, EPOCH, PARTITION, finding)),
        commands: new Uint8Array(0),
      }),
    );
    await vi.waitFor(() => expect(text.match(/^event: /gm)).toHaveLength(3), { timeout: 5000 });
    abort.abort();
    await reading;
    const sent = new Map(
      [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, type, data]) => [
        type!,
        JSON.parse(data!) as unknown,
      ]),
    );
    expect(sent.get('match')).toEqual((await items('/v1/matches'))[0]);
    expect(sent.get('break')).toEqual((await items('/v1/breaks'))[0]);
    expect(sent.get('finding')).toEqual((await items('/v1/findings'))[0]);
  });

  test('a command lies in the stream of its partition, and its stored answer is the answer', async () => {
    const posted = fetch(`${server.url}/v1/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        kind: 'unmatch',
        match: '1-3-8-0',
        by: 'ana',
        why: 'another customer',
        id: 'c-9',
      }),
    });
    const command = await vi.waitFor(
      async () => {
        const { lastSequence } = await log.state(PARTITION);
        const message = await log.get(PARTITION, lastSequence);
        const frame = decodeFrame(message!.payload);
        if (frame.kind !== 'command') throw new Error('not there yet');
        return commandSchema.parse(JSON.parse(frame.json));
      },
      { timeout: 5000, interval: 50 },
    );
    expect(command).toMatchObject({
      ...{ id: 'c-9', kind: 'unmatch', match: { sequence: 8, n: 0 }, version: 1 },
      records: [
        { side: 'left', record: { id: 'g1', amount: 20_000 } },
        { side: 'right', record: { id: 'b1' } },
      ],
    });
    const answer = { commandId: 'c-9', kind: 'unmatch', accepted: true, reason: 'undone' } as const;
    const place = { sequence: 30, n: 0, logTime: LOG_TIME, by: 'ana', why: 'another customer' };
    await store.insert(
      'commands',
      [rows((buffer) => writeCommandRow(buffer, EPOCH, PARTITION, { ...answer, ...place }))],
      1,
      'test-commands',
    );
    const response = await posted;
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      id: 'c-9',
      state: 'accepted',
      answers: [{ reason: 'undone' }],
    });
    expect(await items('/v1/commands?by=ana')).toHaveLength(1);
  });

  test('the summary is the sum of what the partitions announced', async () => {
    const part: PartitionSummary = {
      partition: 0,
      sequence: 10,
      logTime: LOG_TIME,
      watermark: LOG_TIME - 500,
      records: 21,
      duplicates: 1,
      unrouted: 0,
      findings: 1,
      deadLetters: 1,
      open: 2,
      reconciliations: [],
    };
    for (const partition of [0, 1]) {
      log.announce(
        `cf.summary.${partition}`,
        new TextEncoder().encode(JSON.stringify({ ...part, partition })),
      );
    }
    await vi.waitFor(
      async () => {
        const { totals } = await get<{ totals: { records: number } }>('/v1/summary');
        expect(totals.records).toBe(42);
      },
      { timeout: 5000, interval: 50 },
    );
  });

  test('is ready while both answer', async () => {
    expect(await get('/readyz')).toMatchObject({ ready: true, checks: [{ name: 'log' }, { name: 'store' }] });
  });

  // Last: the broker does not come back.
  test('says what is away when the broker is gone, and goes on answering from the store', async () => {
    await broker.stop();
    const answer = await fetch(`${server.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ code: 'notReady' });
    expect(await items('/v1/matches')).toHaveLength(1);
  });
});
