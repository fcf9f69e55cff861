import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { CONNECTOR_SCHEMAS } from '../../connectors/open-source.ts';
import { loadConfig, parseConfig, toRuleSet } from '../../engine/config/index.ts';
import type { RuleSet } from '../../engine/domain/index.ts';
import { checkRuleSet } from './rule-set.ts';

const directory = mkdtempSync(join(tmpdir(), 'counterfoil-rules-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Every part of the rule language that a rule set can hold. */
const FULL = `
partitions: 4
calendars: { own: { closed: [friday], holidays: [2026-12-02] } }
feeContracts:
  acquirer:
    lines:
      - { where: { kind: charge, attributes.scheme: { notIn: [amex] } }, percent: "2.25", fixed: "1", min: "0.50", tiers: [{ upTo: "10", percent: "3" }] }
    tax: "5"
    round: perGroup
rates: { daily: { values: [{ from: USD, to: AED, date: 2026-11-20, rate: "3.6725" }], source: { path: daily.csv } } }
sources:
  gateway: { connector: http-json, account: a }
  bank: { connector: http-json, account: a, outOfOrder: 2h, due: { every: 1bd, by: "09:00", zone: Asia/Dubai, calendar: AE-office, maxHold: 2h } }
  usd: { connector: http-json, account: a }
reconciliations:
  - name: full
    left: { sources: [gateway], fees: acquirer, pool: charges, where: { kind: [charge, refund], amount: { gt: "0" } }, at: valueDate, negate: true }
    right: { sources: [bank], duplicates: [reference] }
    window: { before: 1h, after: 3d, grace: 90m }
    retain: 45d
    nullValues: ["NONREF", "-"]
    rules:
      - name: held
        keys: [reference, { left: id, right: { field: reference, normalise: [trim, { capture: "ORD-([0-9]+)" }] } }]
        tolerance: { amount: { AED: "0.50", KWD: "0.010" }, percent: "1.5", short: { amount: "1" } }
        hold: 2h
        unique: true
        dates: [{ left: valueDate, right: bookingDate, after: 2bd, calendar: AE-rails }, { left: time, right: time, before: 36h }]
        where: { left: { attributes.scheme: { exists: true } } }
      - name: daily
        keys: [{ settleDate: { cutoff: "23:00", zone: Asia/Dubai, lag: 1bd, calendar: [AE-rails, own] } }]
        cardinality: N:1
        complete: onCutoff
        compare: { left: net }
  - name: plain
    left: { sources: [usd] }
    right: { sources: [bank] }
    window: {}
    rules: [{ name: a, keys: [references.order], fx: { from: USD, to: AED, rate: { table: daily }, maxAge: 2d } }]
`;

const ruleSet = (text: string): RuleSet =>
  toRuleSet(parseConfig(text, 'test.yaml', CONNECTOR_SCHEMAS, { env: {}, directory }));
type Posted = { [name: string]: unknown };
const posted = (rules: RuleSet): Posted => JSON.parse(JSON.stringify(rules)) as Posted;

describe('a posted rule set', () => {
  test('is taken as a configuration gives it', () => {
    const rules = ruleSet(FULL);
    expect(JSON.parse(JSON.stringify(checkRuleSet(posted(rules))))).toEqual(posted(rules));
  });

  test('of every example is taken', () => {
    const examples = fileURLToPath(new URL('../../examples', import.meta.url));
    const files = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.yaml'),
    );
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const rules = toRuleSet(loadConfig(join(examples, file), CONNECTOR_SCHEMAS).config);
      expect(() => checkRuleSet(posted(rules)), file).not.toThrow();
    }
  });

  test('is refused with one line wherever a value is taken away or made another', () => {
    const rules = posted(ruleSet(FULL));
    let refused = 0;
    let tried = 0;
    for (const [path, change] of changes(rules)) {
      tried++;
      try {
        checkRuleSet(change);
      } catch (error) {
        expect(error, path).toMatchObject({ code: 'invalidField' });
        expect((error as Error).message, path).toMatch(/^\S.* \S/);
        expect((error as Error).message, path).not.toMatch(/\n|Invalid input|Too (big|small)/);
        refused++;
      }
    }
    expect(tried).toBeGreaterThan(150);
    // Optional parts may be left out; nothing may become a value of another type.
    expect(refused).toBeGreaterThan(tried * 0.7);
  });

  test.each([
    ['a calendar that is not defined', FULL.replace('calendar: AE-rails', 'calendar: XX'), /XX/],
    ['an expression that no linear engine takes', FULL.replace('ORD-([0-9]+)', '(a)\\\\1'), /./],
  ])('names %s', (_, text, message) => {
    const rules = JSON.stringify(ruleSet(FULL));
    const changed = text.includes('XX')
      ? rules.replaceAll('"AE-rails"', '"XX"')
      : rules.replace('ORD-([0-9]+)', '(a)\\\\1');
    expect(changed).not.toBe(rules);
    expect(() => checkRuleSet(JSON.parse(changed) as Posted)).toThrow(message);
  });
});

/** The rule set with one value at a time gone, or of another type. */
function* changes(value: Posted): Generator<[string, Posted]> {
  for (const path of paths(value)) {
    for (const other of [undefined, { not: 'this' }]) {
      const copy = structuredClone(value);
      let at: Posted = copy;
      for (const step of path.slice(0, -1)) at = at[step] as Posted;
      const last = path.at(-1)!;
      if (other !== undefined) at[last] = other;
      else if (Array.isArray(at)) at.splice(Number(last), 1);
      else Reflect.deleteProperty(at, last);
      yield [`${path.join('.')} → ${JSON.stringify(other)}`, copy];
    }
  }
}

function* paths(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    yield [...path, name];
    yield* paths(inner, [...path, name]);
  }
}
