import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { backtest } from '../cli/backtest/backtest.ts';
import { eventually, getJson } from './rest.ts';
import { startUp } from './up-process.ts';

const PAIRS = 300;

afterEach(() => vi.restoreAllMocks());

test('a backtest reads the log of a running deployment, and of a stopped one, and finds the same', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-backtest-up-'));
  const up = await startUp(directory, configWith('0.00'));
  try {
    for (const source of ['gateway', 'bank']) {
      const answer = await fetch(`${up.apiUrl}/v1/records`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ source, records: recordsOf(source) }),
        signal: AbortSignal.timeout(30_000),
      });
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
    differences: readFileSync(out, 'utf8').split('\n').length - 1,
  };
}

function configWith(tolerance: string): object {
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
