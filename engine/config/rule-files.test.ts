import { readFileSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONNECTOR_SCHEMAS } from '../../connectors/open-source.ts';
import { planOf } from '../../deploy/cli/explain/plan.ts';
import { printPlan } from '../../deploy/cli/explain/print-plan.ts';
import { CounterfoilError } from '../domain/index.ts';
import type { RuleSet } from '../domain/index.ts';
import {
  disagreement,
  firstDifference,
  kernelResults,
  reference,
  report,
  type Disagreement,
} from '../testing/agreement.ts';
import { BY_SOURCES } from '../testing/index.ts';
import { ruleFileArbitrary, type RuleFile } from '../testing/rule-file-arbitrary.ts';
import { ruleFileTrace } from '../testing/rule-file-trace.ts';
import { withoutWording } from '../testing/results.ts';
import { parseConfig } from './load.ts';
import { rulesJson, toRuleSet } from './rules.ts';
import type { Config } from './schema.ts';

const RUNS = Number(process.env['COUNTERFOIL_RUNS'] ?? 1000);
const SEED = process.env['COUNTERFOIL_SEED'];
/** Records that each set of rules is tried on. */
const RECORDS = 24;
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
rates:
  cb:
    values: [{ date: 1970-01-01, from: USD, to: AED, rate: "3.6725" }]
    source: { url: https://rates.example/daily.csv, headers: { accept-language: en }, every: 15m, timeout: 30s, delimiter: ';', columns: { date: Day, from: Currency, rate: Mid }, to: AED }
  history: { source: { path: hist.csv, layout: wide, columns: { date: Date }, from: USD } }
  open: { source: { url: https://rates.example/latest, format: json, layout: wide, items: data, columns: { date: as_of, rate: quotes }, from: USD } }
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
      - { name: dated, keys: [link], fx: { from: USD, to: AED, rate: { table: history }, maxAge: 60d } }
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

/** What a file comes to: lines of an error, or rules. Anything else is thrown. */
function rulesOf(text: string, directory: string): RuleSet | 'refused' {
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
  return rules;
}

/** What the kernel makes of some records by these rules, and where the reference matcher thinks otherwise. */
function tryOut(rules: RuleSet, seed: number): { readonly ms: number; readonly wrong?: Disagreement } {
  const trace = ruleFileTrace(rules, seed, RECORDS);
  const expected = reference(trace, BY_SOURCES);
  const start = cpuMs();
  const found = kernelResults(trace.messages, BY_SOURCES);
  const ms = cpuMs() - start;
  if ('what' in expected) return { ms, wrong: expected };
  const wrong = firstDifference('they differ', withoutWording(found), withoutWording(expected.results));
  return { ms, ...(wrong === undefined ? {} : { wrong }) };
}

/** Milliseconds of processor time of this process. */
function cpuMs(): number {
  return process.cpuUsage().user / 1000;
}

describe('a file of rules, whatever stands in it', () => {
  it('the files that mutations start from run, and match as the reference matcher does', () => {
    for (const { text, directory } of new Set(SEEDS)) {
      const rules = rulesOf(text, directory);
      if (rules === 'refused') throw new Error(`refused:\n${text}`);
      for (let seed = 0; seed < 5; seed++) expect(tryOut(rules, seed).wrong, text).toBeUndefined();
    }
  }, 60_000);

  it(
    'is refused with a line for each thing wrong, or matches as the reference matcher does, and soon',
    () => {
      const outcomes = { refused: 0, ran: 0 };
      let slowest = 0;
      const tried = fc.check(
        fc.property(ruleFileArbitrary(SEEDS), fc.nat(), ({ text, directory }, seed) => {
          const start = cpuMs();
          const rules = rulesOf(text, directory);
          outcomes[rules === 'refused' ? 'refused' : 'ran']++;
          let took = cpuMs() - start;
          const tried = rules === 'refused' ? undefined : tryOut(rules, seed);
          took += tried?.ms ?? 0;
          slowest = Math.max(slowest, took);
          expect(took).toBeLessThan(MOST_MS);
          expect(tried?.wrong).toBeUndefined();
        }),
        { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
      );
      if (RUNS > 1500 || tried.failed)
        console.info(
          `${tried.numRuns} files: ${JSON.stringify(outcomes)}, slowest ${slowest.toFixed(0)} ms of processor time`,
        );
      if (tried.failed) throw new Error(failureOf(tried));
      // Both happen often, or the mutations are too wild or too tame to tell anything.
      expect(Math.min(outcomes.ran, outcomes.refused) / RUNS).toBeGreaterThan(0.05);
    },
    60_000 + RUNS * 200,
  );
});

/** What is wrong with the smallest file that fast-check found, and how to see it again. */
function failureOf({ counterexample, seed, errorInstance }: fc.RunDetails<[RuleFile, number]>): string {
  const [{ text, directory }, trace] = counterexample!;
  const again = `COUNTERFOIL_SEED=${seed} COUNTERFOIL_RUNS=${RUNS} npx vitest run --project unit engine/config/rule-files.test.ts`;
  return `${differenceOf(text, directory, trace) ?? String(errorInstance)}\n\n${text}\n\nAgain: ${again}`;
}

function differenceOf(text: string, directory: string, seed: number): string | undefined {
  try {
    const rules = rulesOf(text, directory);
    if (rules === 'refused') return undefined;
    return report(ruleFileTrace(rules, seed, RECORDS), (smaller) => disagreement(smaller, BY_SOURCES));
  } catch {
    // It went wrong before anything could be compared.
    return undefined;
  }
}
