import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import { loadConfig, rulesHash, rulesJson, toRuleSet } from '../../../engine/config/index.ts';
import type { MoneyRecord } from '../../../engine/domain/index.ts';
import { ReferenceMatcher, frameOf } from '../../../engine/testing/index.ts';
import type { Result } from '../../../engine/testing/index.ts';
import { reconcile } from './reconcile.ts';
import { breakLine, matchLine } from './result-lines.ts';

const YAML = `
sources:
  one: { connector: csv, path: one.csv }
  two: { connector: csv, path: two.csv }
  three: { connector: csv, path: three.csv, onIdReuse: reject }
reconciliations:
  - name: first
    left:   { sources: [one] }
    right:  { sources: [two, three] }
    window: { before: 2s, after: 5s, grace: 1s }
    retain: 20s
    rules:
      - { name: by-reference, keys: [reference], tolerance: { amount: "0.02" } }
      - { name: by-amount, keys: [amount, references.batch] }
  - name: second
    left:   { sources: [three] }
    right:  { sources: [one] }
    window: { before: 1d, after: 1d }
    rules: [{ name: only, keys: [references.batch] }]
  - name: third
    left:   { sources: [one], pool: shared }
    right:  { sources: [two] }
    window: { before: 3s, after: 8s }
    retain: 10s
    rules:
      - { name: batches, cardinality: 'N:M', complete: onSum, keys: [references.batch], tolerance: { amount: "0.01" } }
  - name: fourth
    left:   { sources: [one], pool: shared }
    right:  { sources: [three] }
    window: { before: 3s, after: 8s }
    rules: [{ name: references, keys: [reference] }]
`;
const SOURCES = ['one', 'two', 'three'] as const;
const HEADER = 'id,account,reference,amount,currency,time,references.batch\n';
const BASE = Date.UTC(2026, 0, 1, 12);

/** One row: small ranges, so that ids, keys, amounts and times collide. */
const row = fc.record({
  source: fc.constantFrom(...SOURCES),
  id: fc.integer({ min: 1, max: 40 }),
  account: fc.constantFrom('a', 'b', ''),
  reference: fc.constantFrom('', 'R1', 'R2', 'NONREF'),
  minor: fc.integer({ min: -6, max: 6 }),
  currency: fc.constantFrom('AED', 'AED', 'KWD'),
  seconds: fc.integer({ min: 0, max: 60 }),
  day: fc.constantFrom(false, false, false, true),
  batch: fc.constantFrom('', 'B1', 'B2'),
});
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'counterfoil-agreement-'));
  writeFileSync(join(directory, 'c.yaml'), YAML);
});
afterAll(() => rmSync(directory, { recursive: true }));

function csvRow({ id, account, reference, minor, currency, seconds, day, batch }: Row): string {
  const exponent = currency === 'KWD' ? 3 : 2;
  const sign = minor < 0 ? '-' : '';
  const amount = `${sign}0.${String(Math.abs(minor)).padStart(exponent, '0')}`;
  const time = day ? '2026-01-01' : new Date(BASE + seconds * 1000).toISOString();
  return `r${id},${account},${reference},${amount},${currency},${time},${batch}\n`;
}

function record({ source, id, account, reference, minor, currency, seconds, day, batch }: Row): MoneyRecord {
  return {
    source,
    id: `r${id}`,
    account: account === '' ? 'default' : account,
    kind: 'ledger',
    status: 'booked',
    currency,
    amount: BigInt(minor),
    fee: 0n,
    tax: 0n,
    time: day ? Date.UTC(2026, 0, 1) : BASE + seconds * 1000,
    precision: day ? 'day' : 'instant',
    offsetMinutes: 0,
    references: { ...(reference === '' ? {} : { reference }), ...(batch === '' ? {} : { batch }) },
    attributes: {},
  };
}

/** What the reference matcher says of these rows, as the lines of matches and of final breaks. */
function expected(rows: readonly Row[]): { matches: string[]; breaks: string[]; counts: object } {
  const { config } = loadConfig(join(directory, 'c.yaml'), CONNECTOR_SCHEMAS);
  const rules = { ...toRuleSet(config), seenHorizon: null };
  const matcher = new ReferenceMatcher({ epoch: 0, partition: 0, watermark: 'records' });
  matcher.apply({
    sequence: 0,
    logTime: 0,
    frame: { kind: 'rules', json: rulesJson(rules), hash: rulesHash(rules) },
  });
  const records = SOURCES.flatMap((source) => rows.filter((each) => each.source === source)).map(record);
  const inOrder = records
    .map((each, place) => ({ each, place }))
    .sort((a, b) => a.each.time - b.each.time || a.place - b.place)
    .map(({ each }) => each);
  const results: Result[] = inOrder.flatMap((each, i) =>
    matcher.apply({ sequence: i + 1, logTime: 0, frame: frameOf([each]) }),
  );
  results.push(...matcher.finish());
  const matches = new Map<string, string>();
  for (const result of results) {
    if (result.type === 'match') matches.set(`${result.matchSequence}-${result.matchN}`, matchLine(result));
  }
  const breaks = new Map<string, Extract<Result, { type: 'break' }>>();
  for (const result of results) {
    if (result.type === 'break') breaks.set(`${result.breakSequence}-${result.breakN}`, result);
  }
  const open = [...breaks.values()].filter((broken) => broken.state === 'open');
  const { duplicates, unrouted, findings, deadLetters } = matcher.counts();
  return {
    matches: [...matches.values()].sort(),
    breaks: open.map((broken) =>
      breakLine({ ...broken, why: { ...broken.why, records: broken.why.records?.map(({ id }) => id) } }),
    ),
    counts: { records: matcher.counts().records, duplicates, unrouted, findings, deadLetters },
  };
}

describe('the file command and the reference matcher', () => {
  it('agree on every match, break and count, whatever the files hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 60 }), async (rows) => {
        for (const source of SOURCES) {
          const text = rows.filter((each) => each.source === source).map(csvRow);
          writeFileSync(join(directory, `${source}.csv`), HEADER + text.join(''));
        }
        const out = join(directory, 'out.ndjson');
        const totals = await reconcile({ file: join(directory, 'c.yaml'), out });
        const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
        const wanted = expected(rows);
        // Those that could change until the end come after the others.
        expect(lines.filter((line) => line.startsWith('{"type":"match"')).sort()).toEqual(wanted.matches);
        expect(lines.filter((line) => line.startsWith('{"type":"break"'))).toEqual(wanted.breaks);
        expect(totals).toMatchObject(wanted.counts);
      }),
      { numRuns: 80 },
    );
  });
});
