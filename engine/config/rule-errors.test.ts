import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DEFAULT_CALENDARS } from '../domain/index.ts';
import { parseConfig } from './load.ts';
import { toRuleSet } from './rules.ts';
import type { Config } from './schema.ts';

const connectors = { csv: z.strictObject({ path: z.string() }) };

function parse(text: string): Config {
  return parseConfig(text, 'c.yaml', connectors, { env: {}, directory: '/' });
}

function lines(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  throw new Error('the configuration was accepted');
}

/** A configuration with one rule, and what else is said of the sides, the source `a` and the whole. */
function withRule(
  rule: string,
  more: { left?: string; right?: string; a?: string; top?: string } = {},
): string {
  return `sources:
  a: { connector: csv, path: a${more.a ?? ''} }
  b: { connector: csv, path: b }
  c: { connector: csv, path: c }
reconciliations:
  - name: r
    left: { sources: [a]${more.left ?? ''} }
    right: { sources: [b]${more.right ?? ''} }
    window: { after: 3d }
    rules:
      - { name: one, ${rule} }
${more.top ?? ''}
`;
}

const KEYS = 'keys: [reference]';
const CONTRA = 'name: two, cardinality: contra, side: left';
const FX = `${KEYS}, fx: { from: USD, to: AED, rate: { table: cb } }`;
const RATES = 'rates: { cb: { values: [{ date: 2026-11-20, from: USD, to: AED, rate: "3.6725" }] } }';

describe('an error in a rule names the rule, the field and the place', () => {
  it.each<[string, string, string]>([
    [
      'a field in a step',
      withRule('keys: [{ field: refernce, normalise: [trim] }]'),
      'c.yaml:11:38: reconciliations[0].rules[0].keys[0].field: rule "one": "refernce" is not a field of a record',
    ],
    [
      'a step that does not exist',
      withRule('keys: [{ left: id, right: { field: id, normalise: [trimm] } }]'),
      'keys[0].right.normalise[0]: rule "one": found "trimm", wants trim, upper, lower, digits,',
    ],
    [
      'an unknown setting of a key',
      withRule('keys: [{ field: id, normalise: [trim], normalize: [upper] }]'),
      'keys[0].normalize: rule "one": unknown setting; did you mean "normalise"?',
    ],
    [
      'a side of a key that is missing',
      withRule('keys: [{ left: id }]'),
      'keys[0].right: rule "one": is missing, wants a field',
    ],
    [
      'a comparison',
      withRule(`${KEYS}, compare: amuont`),
      'rules[0].compare: rule "one": found "amuont", wants one of amount, fee, net, original, expectedNet; did you mean "amount"?',
    ],
    [
      'look-ahead',
      withRule('keys: [{ field: id, normalise: [trim, { capture: "(?=x)(y)" }] }]'),
      'c.yaml:11:71: reconciliations[0].rules[0].keys[0].normalise[1].capture: rule "one" of "r": regular expression "(?=x)(y)" is refused: look-ahead and look-behind cannot run in linear time',
    ],
    [
      'an expression without a group, on one side',
      withRule('keys: [{ left: id, right: { field: id, normalise: [{ capture: "ORD" }] } }]'),
      'keys[0].right.normalise[0].capture: rule "one" of "r": regular expression "ORD" is refused: it has no group',
    ],
    [
      'captureAll on the many side',
      withRule(
        'cardinality: "1:N", keys: [{ left: id, right: { field: id, normalise: [{ captureAll: "(a)" }] } }]',
      ),
      'rules[0].keys: rule "one": captureAll stands once in a rule, on the one side of 1:N or N:1',
    ],
    [
      'an unknown calendar',
      withRule('keys: [{ settleDate: { cutoff: "23:00", zone: Asia/Dubai, lag: 1bd, calendar: AE-rail } }]'),
      'keys[0].settleDate.calendar: rule "one" of "r": unknown calendar "AE-rail"; did you mean "AE-rails"? (there are AE-rails,',
    ],
    [
      'calendars that are never open together',
      withRule(`${KEYS}, dates: [{ left: time, right: time, calendar: [SA, mid] }]`, {
        top: 'calendars: { mid: { closed: [sunday, monday, tuesday, wednesday, thursday] } }',
      }),
      'dates[0].calendar: rule "one" of "r": calendars SA, mid have no weekday on which all are open',
    ],
    [
      'a time of day',
      withRule('keys: [{ settleDate: { cutoff: "25:00", zone: UTC } }]'),
      'keys[0].settleDate.cutoff: rule "one": "25:00" is not a time of day such as "23:00"',
    ],
    [
      'expectedNet without a contract',
      withRule(`${KEYS}, compare: { left: expectedNet }`),
      'rules[0].compare: rule "one" compares expectedNet, but the left side names no fee contract; set left.fees',
    ],
    [
      'an unknown contract',
      withRule(KEYS, {
        left: ', fees: acquirr',
        top: 'feeContracts: { acquirer: { lines: [{ percent: "2" }] } }',
      }),
      'left.fees: unknown fee contract "acquirr"; did you mean "acquirer"? (defined are acquirer under feeContracts)',
    ],
    [
      'an unknown table of rates',
      withRule(FX),
      'fx.rate.table: rule "one" of "r": unknown table of rates "cb" (none is defined under rates)',
    ],
    [
      'a table without the pair',
      withRule(FX.replace('from: USD', 'from: EUR'), { top: RATES }),
      'fx.rate.table: rule "one" of "r": rates "cb" has none from EUR to AED',
    ],
    [
      'a kind in a filter',
      withRule(KEYS, { left: ', where: { kind: [charge, refnd] }' }),
      'c.yaml:7:42: reconciliations[0].left.where.kind: the left side of "r": where kind: "refnd" is none of charge,',
    ],
    [
      'an amount compared to a date',
      withRule(`${KEYS}, where: { right: { amount: { gt: 2026-11-20 } } }`),
      'where.right.amount: rule "one" of "r": right: where amount: an amount is compared to a decimal in major units, not to the date 2026-11-20',
    ],
    [
      'a source in a filter that the side does not have',
      withRule(KEYS, { left: ', where: { source: b }' }),
      'left.where.source: the left side of "r": where source: "b" is none of a',
    ],
    [
      'an operator in a filter',
      withRule(KEYS, { left: ', where: { kind: { exists: true, inn: charge } }' }),
      'left.where.kind.inn: unknown setting; did you mean "in"?',
    ],
    [
      'a partition that a rule changes',
      withRule('keys: [{ left: references.order, right: id }]', {
        top: 'partitionBy: [account, references.order]',
      }),
      'rules[0].keys: rule "one" of "r" changes "references.order" or compares it to another field, but partitionBy has it',
    ],
    [
      'currencies in different partitions',
      withRule(FX, { top: `${RATES}\npartitionBy: [account, currency]` }),
      'rules[0].fx: rule "one" of "r" ties two currencies, but partitionBy has "currency"',
    ],
    [
      'twins in different partitions',
      withRule('keys: [id]', { left: ', duplicates: [reference]', top: 'partitionBy: [id]' }),
      'left.duplicates: the left side of "r" finds duplicates without "id", but partitionBy has it',
    ],
    [
      'a pool that is the default of the other side',
      withRule(KEYS, { left: ', pool: r.right' }),
      'left.pool: pool "r.right" is that of the other side; a record cannot match itself',
    ],
    [
      'superseding an unknown source',
      withRule(KEYS, { a: ', supersedes: { sources: [mt942], keys: [reference] }' }),
      'c.yaml:2:57: sources.a.supersedes.sources[0]: unknown source "mt942" (configured are a, b, c)',
    ],
    [
      'superseding itself',
      withRule(KEYS, { a: ', supersedes: { sources: [a], keys: [reference] }' }),
      'sources.a.supersedes.sources[0]: source "a" cannot supersede itself; for newer versions of one id use amends: version',
    ],
    [
      'superseding across sides',
      withRule(KEYS, { a: ', supersedes: { sources: [b], keys: [reference] }' }),
      'sources.a.supersedes.sources[0]: source "a" supersedes "b", so both belong on the same side of a reconciliation; in "r" they are on left and right',
    ],
    [
      'superseding across partitions',
      withRule('keys: [id]', {
        a: ', supersedes: { sources: [c], keys: [reference] }',
        top: 'partitionBy: [id]',
      }),
      'sources.a.supersedes.keys: source "a" supersedes without the key "id", but partitionBy has it',
    ],
    [
      'amends by something else',
      withRule(KEYS, { a: ', amends: id' }),
      'sources.a.amends: found "id", wants version',
    ],
    [
      'a due time without whole days',
      withRule(KEYS, { a: ', due: { every: 36h, by: "09:00" }' }),
      'sources.a.due.every: found "36h", wants whole days, such as 1bd or 7d, at least one',
    ],
    [
      'a calendar of a due time',
      withRule(KEYS, { a: ', due: { every: 1bd, by: "09:00", calendar: XX }' }),
      'sources.a.due.calendar: source "a": unknown calendar "XX"',
    ],
    [
      'a contract whose least fee is above its highest',
      withRule(KEYS, { top: 'feeContracts: { f: { lines: [{ percent: "2", min: "3", max: "1" }] } }' }),
      'feeContracts.f.lines[0].min: line 1 of fee contract "f": min 3 is more than max 1',
    ],
    [
      'a tier that is never reached',
      withRule(KEYS, {
        top: 'feeContracts: { f: { lines: [{ tiers: [{ upTo: "100", percent: "2" }, { upTo: "50", percent: "1" }] }] } }',
      }),
      'feeContracts.f.lines[0].tiers[1].upTo: line 1 of fee contract "f": tier 2 is never reached: its upTo 50 is not above the 100',
    ],
    [
      'a tier after the last',
      withRule(KEYS, {
        top: 'feeContracts: { f: { lines: [{ tiers: [{ percent: "2" }, { upTo: "50", fixed: "1" }] }] } }',
      }),
      'feeContracts.f.lines[0].tiers[1]: line 1 of fee contract "f": tier 2 is never reached, because tier 1 has no upTo',
    ],
    [
      'a fee that is a float',
      withRule(KEYS, { top: 'feeContracts: { f: { lines: [{ percent: 2.25 }] } }' }),
      'feeContracts.f.lines[0].percent: found 2.25, wants text: put it in quotes, "2.25"',
    ],
    [
      'a rates file that is not there',
      withRule(KEYS, { top: 'rates: { cb: { path: none.csv } }' }),
      'c.yaml:12:22: rates.cb.path: none.csv does not exist; create it, or correct the path',
    ],
    [
      'a table of rates without either',
      withRule(KEYS, { top: 'rates: { cb: {} }' }),
      'rates.cb: a table of rates has a path, of a file, or values, or a source',
    ],
    [
      'a rate that stands twice',
      withRule(KEYS, {
        top: RATES.replace('values: [', 'values: [{ date: 2026-11-20, from: USD, to: AED, rate: "1" }, '),
      }),
      'rates.cb.values[1]: a rate of USD in AED on 2026-11-20 stands in the table already; keep one',
    ],
    [
      'a holiday that does not exist',
      withRule(KEYS, { top: 'calendars: { x: { holidays: [2026-02-30] } }' }),
      'calendars.x.holidays[0]: found "2026-02-30", wants a day that exists',
    ],
    [
      'a percentage of a contra rule',
      withRule(`${KEYS} }\n      - { ${CONTRA}, ${KEYS}, tolerance: { amount: "1", percent: "1" }`),
      'c.yaml:12:109: reconciliations[0].rules[1].tolerance.percent: rule "two": a contra rule has no percent: tolerance.amount says how far from 0 the sum may be',
    ],
    [
      'another tolerance of a contra rule for less',
      withRule(`${KEYS} }\n      - { ${CONTRA}, ${KEYS}, tolerance: { short: { amount: "1" } }`),
      'rules[1].tolerance.short: rule "two": a contra rule has no short',
    ],
    [
      'two sides of a contra key',
      withRule(`${KEYS} }\n      - { ${CONTRA}, keys: [id, { left: reference, right: link }]`),
      'rules[1].keys[1]: rule "two": a contra rule compares records of the left side with each other; write what it compares of them alone',
    ],
    [
      'records of the other side of a contra rule',
      withRule(`${KEYS} }\n      - { ${CONTRA}, ${KEYS}, where: { right: { kind: charge } }`),
      'rules[1].where.right: rule "two": a contra rule of the left side takes no right record; leave this out',
    ],
    [
      'keys that are no list',
      withRule('keys: reference'),
      'rules[0].keys: rule "one": found "reference", wants a list of keys, such as [reference]',
    ],
    [
      'no keys',
      withRule('hold: 1h'),
      'rules[0].keys: rule "one": is missing, wants a list of keys, such as [reference]',
    ],
    [
      'two expressions that take every place',
      withRule(
        "cardinality: 'N:1', keys: [{ left: id, right: { field: id, normalise: [{ captureAll: '(a)' }, { captureAll: '(b)' }] } }]",
      ),
      'rules[0].keys: rule "one": captureAll stands once in the steps of a key',
    ],
    [
      'a duration without a unit',
      withRule(`${KEYS}, hold: 2`),
      'rules[0].hold: rule "one": found 2, wants a duration such as 500ms, 30s, 15m, 1h, 3d or 2w',
    ],
    [
      'a span of days without a unit',
      withRule(`${KEYS}, dates: [{ left: time, right: time, after: 2 }]`),
      'dates[0].after: rule "one": found 2, wants a duration such as 36h or 2d, or business days such as 2bd',
    ],
    [
      'a window that is too long',
      withRule(KEYS).replace('after: 3d', 'after: 400d'),
      'c.yaml:9:22: reconciliations[0].window.after: found "400d", wants a duration of at most 366d',
    ],
    [
      'a field of a filter',
      withRule(`${KEYS}, where: { left: { kindd: charge } }`),
      'where.left.kindd: rule "one": "kindd" is not a field of a record; did you mean "kind"? (there are reference,',
    ],
    [
      'the beginning of a field',
      withRule('keys: [refrences.order]'),
      '"refrences.order" is not a field of a record; did you mean "references.order"? (there are reference,',
    ],
    [
      'an expression in double quotes',
      withRule('keys: [{ field: id, normalise: [{ capture: "(\\d+)" }] }]'),
      'c.yaml:11:67: in double quotes "\\d" stands for nothing; put the text in single quotes, in which a backslash is a backslash',
    ],
    [
      'a number in quotes',
      withRule("keys: [{ field: id, normalise: [{ prefix: '6' }] }]"),
      'normalise[0].prefix: rule "one": found "6", wants a number: write it without quotes, 6',
    ],
  ])('%s', (_what, text, expected) => {
    const found = lines(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });
});

describe('the rule set', () => {
  it('has what is configured, of rates only what rules ask for', () => {
    const more = RATES.replace('values: [', 'values: [{ date: 2026-11-20, from: EUR, to: AED, rate: "4" }, ');
    const config = parse(
      withRule(FX, {
        top: `${more}
calendars: { AE-rails: { closed: [sunday], holidays: [2026-12-02] } }
feeContracts: { f: { lines: [{ percent: "2.25" }], tax: "5" } }`,
        a: ', amends: version, supersedes: { sources: [c], keys: [reference] }, due: { every: 1bd, by: "09:00", zone: Asia/Dubai, calendar: AE-rails }',
      }),
    );
    const rules = toRuleSet(config);
    expect(rules.rates).toEqual({ cb: [{ date: '2026-11-20', from: 'USD', to: 'AED', rate: '3.6725' }] });
    expect(rules.calendars?.['AE-rails']?.holidays).toEqual(['2026-12-02']);
    expect(rules.feeContracts?.['f']).toEqual({
      lines: [{ percent: '2.25' }],
      tax: '5',
      round: 'perRecord',
      refundReturnsFee: 'none',
    });
    expect(rules.sources[0]).toEqual({
      name: 'a',
      outOfOrder: 0,
      idleTimeout: 60_000,
      onIdReuse: 'accept',
      amends: 'version',
      supersedes: { sources: ['c'], keys: ['references.reference'] },
      due: { everyDays: 1, by: 540, zone: 'Asia/Dubai', calendar: ['AE-rails'], maxHold: 14_400_000 },
    });
  });

  it('has no member that a configuration of plain rules does not need', () => {
    const rules = toRuleSet(parse(withRule(KEYS)));
    expect(Object.keys(rules).sort()).toEqual(
      ['maxAhead', 'maxOpenRecords', 'partitionBy', 'reconciliations', 'seenHorizon', 'sources'].sort(),
    );
    expect(Object.keys(rules.sources[0]!)).toEqual(['name', 'outOfOrder', 'idleTimeout', 'onIdReuse']);
    expect(Object.keys(rules.reconciliations[0]!.rules[0]!)).toEqual(['name', 'keys', 'tolerance']);
  });

  it('may share a pool between reconciliations, and use default calendars without defining them', () => {
    const first = withRule('keys: [{ settleDate: { cutoff: "23:00", zone: UTC, calendar: SA } }]', {
      right: ', pool: bank',
    });
    const second = first.slice(first.indexOf('  - name')).replace('name: r', 'name: s');
    expect(parse(first + second).reconciliations.map((each) => each.right.pool)).toEqual(['bank', 'bank']);
    expect(Object.keys(DEFAULT_CALENDARS)).toContain('SA');
  });
});
