import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, getJson, listAll } from './rest.ts';
import { startUp } from './up-process.ts';
import type { UpProcess } from './up-process.ts';

/** A rate that is published after the records broke, against everything running; each test goes on from the one before. */

const DAY = new Date().toISOString().slice(0, 10);
const TOKEN = 'sesame-3f2a';

/** What the source says now. */
let said = { status: 200, body: 'date,currency,rate\n' };
const requests: { readonly authorization: string | undefined; readonly known: string | undefined }[] = [];
let server: Server;
let directory: string;
let up: UpProcess;

beforeAll(async () => {
  server = createServer((request, response) => {
    const etag = `"${said.body.length}-${said.status}"`;
    const { authorization, 'if-none-match': known } = request.headers;
    requests.push({ authorization, known });
    if (known === etag) response.writeHead(304).end();
    else response.writeHead(said.status, { 'content-type': 'text/csv', etag }).end(said.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'counterfoil-rates-')));
  up = await startUp(directory, config());
});

afterAll(async () => {
  await up.stop();
  server.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
});

/** @param tolerance another one is another configuration, whose rules the next start puts in force */
function config(tolerance = '0.01'): object {
  const { port } = server.address() as AddressInfo;
  return {
    partitions: 2,
    sources: {
      gateway: { connector: 'http-json', account: 'store', currency: 'USD', idleTimeout: '1s' },
      bank: { connector: 'http-json', account: 'store', currency: 'AED', kind: 'bank', idleTimeout: '1s' },
    },
    rates: {
      daily: {
        source: {
          url: `http://127.0.0.1:${port}/daily.csv?key=${TOKEN}`,
          headers: { authorization: `Bearer ${TOKEN}` },
          every: '1s',
          columns: { from: 'currency' },
          to: 'AED',
        },
      },
    },
    reconciliations: [
      {
        name: 'gateway-to-bank',
        left: { sources: ['gateway'] },
        right: { sources: ['bank'] },
        window: { before: '1s', after: '1s' },
        rules: [
          {
            name: 'converted',
            keys: ['reference'],
            fx: { from: 'USD', to: 'AED', rate: { table: 'daily' } },
            tolerance: { amount: tolerance },
          },
        ],
      },
    ],
    engine: { tickInterval: '100ms' },
  };
}

async function post(source: string, id: string, amount: string, reference: string): Promise<void> {
  const answer = await fetch(`${up.apiUrl}/v1/records`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source, records: [{ id, amount, reference, time: `${DAY}T00:00:10Z` }] }),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

interface Match {
  readonly rate?: string;
  readonly state: string;
  readonly version: number;
}
const matchesOf = (recordId: string): Promise<Match[]> => listAll(up.apiUrl, '/v1/matches', { recordId });
interface Break {
  readonly state: string;
  readonly why: { readonly condition: string };
  readonly members: readonly { readonly id: string }[];
}
const breaksOf = async (id: string): Promise<Break[]> =>
  (await listAll<Break>(up.apiUrl, '/v1/breaks')).filter(({ members }) =>
    members.some((member) => member.id === id),
  );
interface Answer {
  readonly kind: string;
  readonly by: string;
  readonly accepted: boolean;
}
const answers = (): Promise<Answer[]> => listAll<Answer>(up.apiUrl, '/v1/commands', { kind: 'rates' });

test('without a rate both records break, and the reason is the missing rate', async () => {
  await post('gateway', 'g1', '100.00', 'A');
  await post('bank', 'b1', '367.25', 'A');
  const [broken] = await eventually(
    () => breaksOf('g1'),
    (found) => found.length === 1,
    20_000,
  );
  expect(broken!.why.condition).toBe('rateMissing');
  await eventually(
    () => breaksOf('b1'),
    (found) => found.length === 1,
    20_000,
  );
  expect(await matchesOf('g1')).toEqual([]);
});

test('the rate is published, the break heals, and the match has the rate', async () => {
  said = { status: 200, body: `date,currency,rate\n${DAY},USD,3.6725\n${DAY},EUR,4.2\n${DAY},usd,1\n` };
  const [match] = await eventually(
    () => matchesOf('g1'),
    (found) => found.length === 1,
    20_000,
  );
  expect(match).toMatchObject({ rate: '3.6725', state: 'matched', version: 1 });
  for (const id of ['g1', 'b1']) {
    const states = (await breaksOf(id)).map(({ state }) => state);
    expect(states, id).toEqual(['resolved']);
  }
  const told = await eventually(answers, (found) => found.length === 2, 20_000);
  expect(told[0]).toMatchObject({ kind: 'rates', by: 'rates source daily', accepted: true });
  expect(requests.at(-1)!.authorization).toBe(`Bearer ${TOKEN}`);
  await eventually(
    async () => requests.at(-1)!.known,
    (known) => known !== undefined,
    20_000,
  );
  const metrics = await (await fetch(`${up.apiUrl}/metrics`)).text();
  expect(metrics).toMatch(/counterfoil_rates_published_total\{[^}]*table="daily"[^}]*\} 1\n/);
  expect(metrics).toMatch(/counterfoil_rates_newest_age_seconds\{[^}]*table="daily"[^}]*\} \d+/);
});

test('another rate later is for what comes later; the match keeps its own', async () => {
  said = { status: 200, body: `date,currency,rate\n${DAY},USD,3.70\n` };
  await eventually(answers, (found) => found.length === 4, 20_000);
  await post('gateway', 'g2', '100.00', 'B');
  await post('bank', 'b2', '370.00', 'B');
  const [match] = await eventually(
    () => matchesOf('g2'),
    (found) => found.length === 1,
    20_000,
  );
  expect(match!.rate).toBe('3.70');
  expect(await matchesOf('g1')).toMatchObject([{ rate: '3.6725', state: 'matched', version: 1 }]);
});

test('a source that fails is told and counted, and a restart with other rules keeps what was published', async () => {
  said = { status: 503, body: 'busy' };
  await eventually(
    async () => (await fetch(`${up.apiUrl}/metrics`)).text(),
    (text) => /counterfoil_rates_failures_total\{[^}]*reason="status"[^}]*\} [1-9]/.test(text),
    20_000,
  );
  await up.stop();
  expect(up.output()).toContain('daily.csv answers 503; those published before stay in force');
  expect(up.output()).not.toContain(TOKEN);
  up = await startUp(directory, config('0.02'));
  await post('gateway', 'g3', '10.00', 'C');
  await post('bank', 'b3', '37.02', 'C');
  const [match] = await eventually(
    () => matchesOf('g3'),
    (found) => found.length === 1,
    20_000,
  );
  expect(match!.rate).toBe('3.70');
  // Nothing new was said, so nothing was published again.
  expect(await answers()).toHaveLength(4);
  said = { status: 200, body: `date,currency,rate\n${DAY},USD,3.70\n` };
  const seen = requests.length;
  await eventually(
    async () => requests.length,
    (count) => count >= seen + 3,
    20_000,
  );
  expect(await answers()).toHaveLength(4);
  expect(await getJson<{ ready: boolean }>(up.apiUrl, '/readyz')).toMatchObject({ ready: true });
});
