import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONNECTOR_SCHEMAS } from '../connectors/open-source.ts';
import { freePort, startNatsServer } from '../deploy/local/index.ts';
import type { NatsServer } from '../deploy/local/index.ts';
import { decodeFrame } from '../engine/codec/index.ts';
import { parseConfig } from '../engine/config/index.ts';
import type { Config } from '../engine/config/index.ts';
import { openStore } from '../engine/store/index.ts';
import { connectLog } from '../engine/stream/index.ts';
import { createLogger, createMetrics } from '../engine/telemetry/index.ts';
import { serveClickHouse } from '../engine/testing/clickhouse-http.ts';
import type { ClickHouseHttp } from '../engine/testing/clickhouse-http.ts';
import { runApi } from './main.ts';

let directory: string;
let broker: NatsServer;
let database: ClickHouseHttp;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-api-role-'));
  broker = await startNatsServer({ dataDir: join(directory, 'nats'), port: await freePort() });
  database = await serveClickHouse(join(directory, 'store'));
  const store = await openStore({ url: database.url });
  await store.migrate();
  await store.close();
});

afterAll(async () => {
  await database.close();
  await broker.stop();
  await rm(directory, { recursive: true, force: true });
});

function configWith(storeUrl: string): Config {
  const text = `
partitions: 2
store: { url: "${storeUrl}" }
sources:
  gateway: { connector: http-json, account: store-dubai }
  bank: { connector: http-json, account: store-dubai }
reconciliations:
  - name: gateway-to-bank
    left: { sources: [gateway] }
    right: { sources: [bank] }
    window: { after: 3d }
    rules: [{ name: by-reference, keys: [reference] }]
`;
  return parseConfig(text, 'test.yaml', CONNECTOR_SCHEMAS, { env: {}, directory });
}

function depsWith(storeUrl: string, brokerUrl: string) {
  return {
    config: configWith(storeUrl),
    directory,
    broker: { url: brokerUrl },
    metrics: createMetrics({ process: false }),
    logger: createLogger({ level: 'silent' }),
  };
}

describe('the API role in a process of its own', () => {
  test('takes posts into the log after the rules, answers queries, and closes everything', async () => {
    const deps = depsWith(database.url, broker.url);
    const server = await runApi(deps);
    const answer = await fetch(`${server.url}/v1/records`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        source: 'gateway',
        records: [
          { id: 'p1', currency: 'AED', amount: '12.30', time: '2026-11-22T10:00:00Z' },
          { id: 'p2', currency: 'AED', amount: 'twelve', time: '2026-11-22T10:00:00Z' },
        ],
      }),
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ accepted: 1, deadLetters: [{ index: 1 }] });
    expect(await (await fetch(`${server.url}/v1/matches`)).json()).toEqual({ items: [] });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('counterfoil_published_records_total{source="gateway"} 1');
    expect(metrics).toContain('counterfoil_dead_letters_total{source="gateway",code="invalidAmount"} 1');
    await server.close();
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow();

    const log = await connectLog({ url: broker.url });
    await log.open(2);
    const kinds: string[][] = [];
    for (const partition of [0, 1]) {
      const { lastSequence } = await log.state(partition);
      const messages = await Promise.all(
        Array.from({ length: lastSequence }, (_, i) => log.get(partition, i + 1)),
      );
      kinds.push(messages.map((message) => decodeFrame(message!.payload).kind));
    }
    await log.close();
    expect(kinds.sort()).toEqual([['rules'], ['rules', 'records']]);
  });

  test('refuses the embedded database in one line', async () => {
    await expect(runApi(depsWith('embedded', broker.url))).rejects.toMatchObject({
      code: 'invalidConfig',
      message: expect.stringMatching(/^store\.url is embedded.*counterfoil up$/) as string,
    });
  });

  test('says that the broker cannot be reached', async () => {
    const port = await freePort();
    await expect(runApi(depsWith(database.url, `nats://127.0.0.1:${port}`))).rejects.toMatchObject({
      code: 'brokerUnreachable',
    });
  });
});
