import { readFileSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONNECTOR_SCHEMAS } from '../../connectors/open-source.ts';
import { planOf } from '../../deploy/cli/explain/plan.ts';
import { printPlan } from '../../deploy/cli/explain/print-plan.ts';
import { CounterfoilError } from '../domain/index.ts';
import type { MoneyRecord, RuleSet } from '../domain/index.ts';
import { kernelResults } from '../testing/agreement.ts';
import { BY_SOURCES, recordsMessage, rulesMessage, tickMessage } from '../testing/index.ts';
import { ruleFileArbitrary, type RuleFile } from '../testing/rule-file-arbitrary.ts';
import { parseConfig } from './load.ts';
import { rulesJson, toRuleSet } from './rules.ts';
import type { Config } from './schema.ts';

const RUNS = Number(process.env['COUNTERFOIL_RUNS'] ?? 1000);
/** What one file may take of a processor, reading, matching and all; a hang would be minutes. */
const MOST_MS = 2000;

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const files = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.yaml'),
);
const page = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');

const EVERYTHING = `
sources:
  gateway: { connector: csv, path: g, amends: version, due: { every: 1bd, by: "09:00", calendar: SA } }
  interim: { connector: csv, path: i }
  bank: { connector: csv, path: b, supersedes: { sources: [interim], keys: [reference] } }
calendars: { rails: { closed: [sunday], holidays: [2026-12-02] } }
feeContracts:
  acquirer:
    lines:
      - { where: { attributes.scheme: [amex] }, percent: "3.5", fixed: "1.00", min: "2", max: "90" }
      - { tiers: [{ upTo: "1000", percent: "2.25" }, { percent: "1.9" }] }
    tax: "5"
    round: perGroup
    refundReturnsFee: proportional
rates: { cb: { values: [{ date: 1970-01-01, from: USD, to: AED, rate: "3.6725" }] } }
reconciliations:
  - name: cards
    left: { sources: [gateway], where: { kind: [charge, refund], amount: { gt: -1000 } }, fees: acquirer, duplicates: [reference] }
    right: { sources: [bank, interim], pool: bank, at: valueDate, negate: false }
    window: { before: 1h, after: 5d, grace: 6h }
    rules:
      - name: by-day
        cardinality: N:1
        complete: onCutoff
        keys: [{ left: { settleDate: { cutoff: "23:00", zone: Asia/Dubai, lag: 1bd, calendar: rails } }, right: valueDate }]
        compare: { left: expectedNet }
        tolerance: { amount: { AED: "1.00" }, percent: "1", short: { amount: "5.00" } }
      - name: by-order
        keys: [{ left: references.order, right: { field: attributes.narrative, normalise: [upper, { capture: 'ORD[- ]?(\\d+)' }, stripLeadingZeros] } }]
        dates: [{ left: time, right: valueDate, after: 2bd, calendar: rails }]
        hold: 1h
        unique: true
      - { name: listed, cardinality: N:1, complete: onSum, keys: [{ left: reference, right: { field: attributes.narrative, normalise: [{ captureAll: '(\\d{4})' }] } }] }
      - { name: void, cardinality: contra, side: left, keys: [reference] }
  - name: abroad
    left: { sources: [gateway], where: { currency: USD } }
    right: { sources: [bank], pool: bank }
    window: { after: 4d }
    rules:
      - { name: usd, cardinality: N:M, complete: onSignal, keys: [reference], fx: { from: USD, to: AED, rate: { table: cb } }, tolerance: { percent: "1.5" } }
      - { name: stated, keys: [id], fx: { from: USD, to: AED, rate: { side: right, field: attributes.rate } } }
      - { name: parts, cardinality: 1:N, partial: true, keys: [reference], where: { right: { link: { exists: false } } } }
`;

/** Example files with the folder that their paths start from. */
const SEEDS: readonly RuleFile[] = [
  ...files.map((name) => ({
    text: readFileSync(examples + name, 'utf8'),
    directory: dirname(examples + name),
  })),
  // What stands alone of the page about rules, and everything at once, as often as all the rest.
  ...[...page.matchAll(/```yaml\n(sources:.*?)```/gs)].map((found) => ({
    text: found[1]!,
    directory: examples,
  })),
  ...Array<RuleFile>(files.length).fill({ text: EVERYTHING, directory: examples }),
];

const LONG = `ORD-17 1001/1002 ${'a'.repeat(20_000)}`;

/** A few records of a source, with long and odd texts in whatever field a rule may ask for. */
function recordsOf(source: string, number: number): MoneyRecord[] {
  const record = (id: string, more: Partial<MoneyRecord>): MoneyRecord => ({
    source,
    id,
    account: 'default',
    kind: 'charge',
    status: 'booked',
    currency: 'AED',
    amount: 1000n,
    fee: 0n,
    tax: 0n,
    time: number * 60_000,
    precision: 'instant',
    offsetMinutes: 240,
    references: { reference: 'R-1', order: 'ORD-17', narrative: LONG },
    attributes: { narrative: LONG, rate: '3.67', scheme: 'amex' },
    ...more,
  });
  return [
    record('1', { valueDate: 0, bookingDate: 0, availableOn: 0 }),
    record('2', { currency: 'USD', amount: -1000n, kind: 'payout', groupCount: 2, fee: 30n }),
    record('1', { amount: 5n, kind: 'refund', references: {}, attributes: {}, link: 'R-1', version: 1 }),
    record('3', {
      amount: BigInt(Number.MAX_SAFE_INTEGER),
      precision: 'day',
      original: { amount: 3n, currency: 'KWD' },
    }),
  ];
}

/** Runs records through the kernel with those rules, until everything is past its window and gone. */
function run(rules: RuleSet): void {
  const messages = [
    rulesMessage(0, 0, rules),
    ...rules.sources.slice(0, 6).map(({ name }, i) => recordsMessage(i + 1, i * 1000, recordsOf(name, i))),
    ...[1, 10, 100, 1000].map((day, i) => tickMessage(100 + i, day * 86_400_000)),
  ];
  kernelResults(messages, BY_SOURCES);
}

/** What a file comes to: lines of an error, or rules that ran. Anything else is thrown. */
function outcomeOf(text: string, directory: string): 'refused' | 'ran' {
  let config: Config;
  try {
    config = parseConfig(text, 'fuzz.yaml', CONNECTOR_SCHEMAS, { env: {}, directory });
  } catch (error) {
    if (!(error instanceof CounterfoilError) || error.code !== 'invalidConfig') throw error;
    for (const line of error.message.split('\n')) {
      expect(line).toMatch(/^fuzz\.yaml:\d+:\d+: \S/);
      expect(line.length).toBeLessThan(2000);
    }
    return 'refused';
  }
  const rules = toRuleSet(config);
  expect(JSON.parse(rulesJson(rules))).toEqual(JSON.parse(JSON.stringify(rules)));
  printPlan(planOf(config));
  run(rules);
  return 'ran';
}

describe('a file of rules, whatever stands in it', () => {
  it('the files that mutations start from run', () => {
    for (const { text, directory } of new Set(SEEDS)) expect(outcomeOf(text, directory)).toBe('ran');
  });

  it(
    'is refused with a line for each thing wrong, or runs, and soon',
    () => {
      const outcomes = { refused: 0, ran: 0 };
      let slowest = 0;
      fc.assert(
        fc.property(ruleFileArbitrary(SEEDS), ({ text, directory }) => {
          const start = process.cpuUsage();
          outcomes[outcomeOf(text, directory)]++;
          const took = process.cpuUsage(start).user / 1000;
          slowest = Math.max(slowest, took);
          expect(took).toBeLessThan(MOST_MS);
        }),
        { numRuns: RUNS },
      );
      if (RUNS > 1500)
        console.info(`${RUNS} files: ${JSON.stringify(outcomes)}, slowest ${slowest.toFixed(0)} ms`);
      // Both happen often, or the mutations are too wild or too tame to tell anything.
      expect(Math.min(outcomes.ran, outcomes.refused) / RUNS).toBeGreaterThan(0.05);
    },
    60_000 + RUNS * 200,
  );
});
