import { afterEach, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../engine/domain/index.ts';
import type { CounterfoilError, MoneyRecord } from '../../engine/domain/index.ts';
import { KeptRecords } from '../conformance/kept-records.ts';
import type { JsonValue } from '../contract/index.ts';
import { factsOf, localDay, startBank, startOfLocalDay } from '../simulators/bank/index.ts';
import { REQUEST_FAULTS, createFaults } from '../simulators/faults.ts';
import type { Fault } from '../simulators/faults.ts';
import { SimulatedClock, play } from '../simulators/play.ts';
import { BANK, createScenario } from '../simulators/scenario/index.ts';
import type { ExpectedRecord, Scenario } from '../simulators/scenario/index.ts';
import { CONSUMER, keptCursor, openSource } from './fixtures.ts';
import type { OpenedSource } from './fixtures.ts';

const HOUR_MS = 3_600_000;

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.close();
});

interface Run {
  readonly scenario: Scenario;
  readonly kept: KeptRecords;
  readonly findings: readonly string[];
  readonly failures: ReadonlySet<string>;
  readonly tokens: number;
  readonly requests: number;
}

/** Lets a scenario happen to accounts whose bank is polled, by a process that may be killed at any time. */
async function run(options: {
  readonly on: readonly Fault[] | 'all';
  readonly formats?: object;
  readonly crashEveryMs?: number;
  readonly pollEveryMs?: number;
  readonly history?: string;
}): Promise<Run> {
  const {
    on,
    formats = { mt940: {} },
    crashEveryMs = Infinity,
    pollEveryMs = 21 * HOUR_MS,
    history = '2d',
  } = options;
  const seed = 4711;
  const scenario = createScenario({ seed, payments: 44, spanMs: 2 * DAY_MS });
  const clock = new SimulatedClock(scenario.happenings[0]!.atMs - HOUR_MS);
  const faults = createFaults({ seed, on, rate: 0.08 });
  const bank = await startBank({ now: clock.now, consumer: CONSUMER, faults, hangMs: 60 });
  running.push(bank);
  const kept = new KeptRecords();
  const findings: string[] = [];
  const failures = new Set<string>();
  let cursor: JsonValue | undefined;
  let opened: OpenedSource | undefined;
  const poll = async (): Promise<void> => {
    if (opened === undefined)
      running.push((opened = openSource(bank.url, clock.now, { formats, history })).http);
    try {
      for await (const page of opened.session.polling!.pages(cursor, new AbortController().signal)) {
        kept.add(page.items);
        for (const item of page.items) if (item.type === 'finding') findings.push(item.finding.message);
        expect(page.items.length).toBeLessThanOrEqual(512);
        if (page.cursor !== undefined) cursor = keptCursor(page.cursor);
      }
    } catch (error) {
      failures.add((error as CounterfoilError).code);
    }
  };
  let [polledMs, crashedMs] = [clock.now(), clock.now()];
  await play({
    happenings: scenario.happenings,
    simulators: [bank],
    clock,
    stepMs: HOUR_MS,
    async onStep(nowMs) {
      if (nowMs - crashedMs >= crashEveryMs) {
        crashedMs = nowMs;
        opened = undefined;
      }
      if (nowMs - polledMs < pollEveryMs) return;
      polledMs = nowMs;
      await poll();
    },
  });
  // Past the outage that may be on, and past what lists lag.
  for (let n = 0; n < 3; n++) {
    clock.advanceTo(clock.now() + HOUR_MS);
    await poll();
  }
  return { scenario, kept, findings, failures, tokens: bank.tokens, requests: bank.requests };
}

const asStatement = (line: ExpectedRecord): object => ({
  amount: line.amount,
  fee: 0n,
  reference: line.trace,
});
const asTransfer = (line: ExpectedRecord): object => {
  const { charge, uetr, bankReference } = factsOf(line);
  return { amount: line.amount + charge, fee: charge, reference: bankReference, uetr };
};

/** The records are the lines of the scenario's bank, each once. */
function check({ scenario, kept }: Run, isTransfers = false): void {
  const lines = scenario.ledger(BANK).filter(({ amount }) => !isTransfers || amount > 0n);
  const expected = lines.map((line) => ({
    of: factsOf(line).bankReference,
    source: 'bank',
    kind: 'bank',
    status: 'booked',
    account: `${line.merchant}-${line.currency}`,
    currency: line.currency,
    time: startOfLocalDay(localDay(line.atMs)),
    ...(isTransfers ? asTransfer(line) : asStatement(line)),
  }));
  const found = [...kept.records.values()].map((record: MoneyRecord) => ({
    of: isTransfers ? record.references['reference'] : record.references['bankReference'],
    source: record.source,
    kind: record.kind,
    status: record.status,
    account: record.account,
    currency: record.currency,
    time: record.time,
    amount: record.amount,
    fee: record.fee,
    reference: isTransfers
      ? record.references['reference']
      : (record.references['endToEndId'] ?? record.references['reference']),
    ...(isTransfers ? { uetr: record.references['uetr'] } : {}),
  }));
  const byReference = (rows: { readonly of: string | undefined }[]): object =>
    Object.fromEntries(rows.map((row) => [row.of, row])) as object;
  expect(kept.deadLetters).toEqual([]);
  expect(byReference(found)).toEqual(byReference(expected));
  expect(found).toHaveLength(expected.length);
  expect(expected.length).toBeGreaterThan(15);
}

describe('the records are those of the bank', () => {
  test.each([
    ['mt940', { mt940: {} }],
    ['camt', { camt: {} }],
    ['mt942', { mt942: {} }],
  ])('by %s', async (_, formats) => {
    const result = await run({ on: [], formats });
    check(result);
    expect(result.findings).toEqual([]);
    expect(result.failures).toEqual(new Set());
    // Each statement is fetched once, and each token serves for half an hour.
    expect(result.kept.count).toBe(result.kept.records.size);
  });

  test('by mt103, with what was taken out of them on the way', async () => {
    const result = await run({ on: [], formats: { mt103: {} } });
    check(result, true);
    expect(result.findings).toEqual([]);
    expect([...result.kept.records.values()].some(({ fee }) => fee > 0n)).toBe(true);
  });

  test('by polling once, after everything has happened', async () => {
    check(await run({ on: [], pollEveryMs: Infinity, history: '60d' }));
  });

  test.each<[string, readonly Fault[]]>([
    ['requests that fail and tokens that end early', [...REQUEST_FAULTS, 'expiredTokens']],
    ['lists that lag, clocks that differ, and outages', ['shiftingPages', 'clockSkew', 'outages']],
  ])('with %s', async (_, on) => {
    check(await run({ on }));
  });

  test.each([
    ['mt940', false],
    ['camt', false],
    ['mt103', true],
  ])('with every fault at once, killed again and again, by %s', async (format, isTransfers) => {
    const result = await run({ on: 'all', formats: { [format]: {} }, crashEveryMs: 40 * HOUR_MS });
    check(result, isTransfers);
    expect(result.findings).toEqual([]);
    for (const code of result.failures) {
      expect(['providerUnreachable', 'timeout', 'providerRateLimited', 'providerAuth']).toContain(code);
    }
  });
});
