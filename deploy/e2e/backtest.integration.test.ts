import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { backtest } from '../cli/backtest/backtest.ts';
import { eventually, getJson, listAll } from './rest.ts';
import { startUp } from './up-process.ts';

const PAIRS = 300;

afterEach(() => vi.restoreAllMocks());

test('a backtest reads the log of a running deployment, and of a stopped one, and finds the same', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-backtest-up-'));
  const up = await startUp(directory, configWith('0.00'));
  try {
    for (const source of ['gateway', 'bank']) {
      const answer = await post(up.apiUrl, '/v1/records', { source, records: recordsOf(source) });
      expect(answer.ok).toBe(true);
    }
    await eventually(
      () => getJson<{ totals: { records: number } }>(up.apiUrl, '/v1/summary'),
      ({ totals }) => totals.records >= 2 * PAIRS,
      30_000,
    );
    writeFileSync(join(directory, 'new.yaml'), JSON.stringify(configWith('0.05')));
    const running = await runBacktest(directory);
    expect(running).toMatchObject({ records: 2 * PAIRS, lost: 0 });
    // Every tenth bank credit is short by 0.05.
    expect(running.matches).toEqual({ same: (PAIRS * 9) / 10, gained: PAIRS / 10, lost: 0, changed: 0 });
    expect(running.differences).toBe(PAIRS / 10);

    expect(await up.stop()).toBe(0);
    expect(await runBacktest(directory)).toEqual(running);
  } finally {
    await up.kill();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}, 120_000);

test('a backtest over a real log says how the rules agree with what people have done', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-backtest-people-'));
  const config = configWith('1.00');
  const up = await startUp(directory, config);
  const command = async (body: object): Promise<void> => {
    const answer = await post(up.apiUrl, '/v1/commands', { by: 'ana', why: 'it was seen so', ...body });
    expect(answer.status, await answer.text()).toBe(200);
  };
  try {
    const record = (id: string, reference: string, amount: string) => ({
      ...{ id, reference, amount, account: 'a1', currency: 'AED' },
      time: new Date(Date.now() - 60_000).toISOString(),
    });
    // a and b tie; c and d tie as well, which a person undoes; e and f are tied by a person; g is written off.
    const gateway = [record('a', 'R1', '5.00'), record('c', 'R2', '10.00'), record('e', 'INV-77', '8.00')];
    const bank = [record('b', 'R1', '5.00'), record('d', 'R2', '9.50'), record('f', '77', '8.00')];
    for (const [source, records] of [
      ['gateway', [...gateway, record('g', 'R9', '0.10')]],
      ['bank', bank],
    ] as const) {
      const answer = await post(up.apiUrl, '/v1/records', { source, records });
      expect(answer.status, await answer.text()).toBe(200);
    }
    const matches = await eventually(
      () => listAll<{ matchId: string; legs: { id: string }[] }>(up.apiUrl, '/v1/matches'),
      ({ length }) => length === 2,
      20_000,
    );
    const undone = matches.find(({ legs }) => legs.some(({ id }) => id === 'c'))!;
    await command({ kind: 'unmatch', match: undone.matchId });
    const reconciliation = 'gateway-to-bank';
    const pair = [
      { source: 'gateway', id: 'e' },
      { source: 'bank', id: 'f' },
    ];
    await command({ kind: 'match', reconciliation, records: pair });
    await command({ kind: 'writeOff', reconciliation, records: [{ source: 'gateway', id: 'g' }] });
    // The new rules see the number in a reference, and are stricter about amounts.
    const [definition] = config.reconciliations;
    const rules = [{ name: 'by-number', keys: [{ field: 'reference', normalise: ['digits'] }] }];
    const changed = { ...config, reconciliations: [{ ...definition, rules }] };
    writeFileSync(join(directory, 'new.yaml'), JSON.stringify(changed));
    const running = await runBacktest(directory);
    expect(running).toMatchObject({
      records: 7,
      people: { matched: { total: 1, byOld: 0, byNew: 1 }, unmatched: { total: 1, byOld: 1, byNew: 0 } },
      matches: { same: 1, gained: 1, lost: 1, changed: 0 },
    });
    const lines = readFileSync(join(directory, 'differences.ndjson'), 'utf8').trim().split('\n');
    const judged = lines.map((line) => JSON.parse(line) as object).filter((line) => 'commandId' in line);
    expect(judged).toMatchObject([
      { type: 'command', kind: 'unmatch', by: 'ana', byOld: true, byNew: false },
      { type: 'command', kind: 'match', by: 'ana', byOld: false, byNew: true },
    ]);
    expect(await up.stop()).toBe(0);
    expect(await runBacktest(directory)).toEqual(running);
  } finally {
    await up.kill();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}, 120_000);

function post(base: string, path: string, body: object): Promise<Response> {
  return fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
}

async function runBacktest(directory: string) {
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  const out = join(directory, 'differences.ndjson');
  const report = await backtest({
    rules: join(directory, 'new.yaml'),
    config: join(directory, 'counterfoil.yaml'),
    out,
    json: true,
  });
  vi.restoreAllMocks();
  return {
    records: report.records,
    lost: report.lost,
    matches: report.rows()[0]?.matches,
    people: report.people,
    differences: readFileSync(out, 'utf8').split('\n').length - 1,
  };
}

function configWith(tolerance: string) {
  return {
    partitions: 3,
    sources: { gateway: { connector: 'http-json' }, bank: { connector: 'http-json' } },
    reconciliations: [
      {
        name: 'gateway-to-bank',
        left: { sources: ['gateway'] },
        right: { sources: ['bank'] },
        window: { before: '1d', after: '1d' },
        rules: [{ name: 'by-reference', keys: ['reference'], tolerance: { amount: tolerance } }],
      },
    ],
  };
}

function recordsOf(source: string): object[] {
  return Array.from({ length: PAIRS }, (_, i) => ({
    id: `${source}-${i}`,
    account: `a${i % 7}`,
    reference: `R${i}`,
    amount: source === 'bank' && i % 10 === 0 ? '9.95' : '10.00',
    currency: 'AED',
    time: new Date(Date.now() - 60_000).toISOString(),
  }));
}
