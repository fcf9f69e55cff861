import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseConfig } from '../../../engine/config/index.ts';
import { planOf, type Plan } from './plan.ts';
import { printPlan } from './print-plan.ts';

const connectors = { csv: z.strictObject({ path: z.string() }) };

function plan(text: string): Plan {
  return planOf(parseConfig(text, 'c.yaml', connectors, { env: {}, directory: '/' }));
}

const SOURCES = `sources:
  gateway: { connector: csv, path: g }
  bank: { connector: csv, path: b, outOfOrder: 1h }
`;

const FULL = `${SOURCES}calendars: { rails: { closed: [sunday], holidays: [2026-12-02] } }
feeContracts:
  acquirer:
    lines:
      - { where: { attributes.scheme: [amex, diners] }, percent: "3.50", fixed: "1.00", min: "2.00" }
      - { tiers: [{ upTo: "1000", percent: "2.25" }, { percent: "1.90" }] }
    tax: "5"
reconciliations:
  - name: cards
    left: { sources: [gateway], where: { kind: [charge, refund], amount: { gt: 0 } }, fees: acquirer }
    right: { sources: [bank], pool: bank, at: valueDate }
    window: { before: 1h, after: 5d, grace: 6h }
    rules:
      - name: by-day
        cardinality: N:1
        complete: onCutoff
        keys:
          - left: { settleDate: { cutoff: "23:00", zone: Asia/Dubai, lag: 1bd, calendar: rails } }
            right: valueDate
        compare: { left: expectedNet }
        tolerance: { amount: "1.00", short: { amount: "5.00" } }
      - name: by-order
        keys: [{ left: references.order, right: { field: attributes.narrative, normalise: [upper, { capture: 'ORD[- ](\\d+)' }] } }]
        dates: [{ left: bookingDate, right: valueDate, after: 2bd, calendar: rails }]
        where: { right: { attributes.type: { notIn: [FEE] } } }
        hold: 1h
        unique: true
      - { name: voided, cardinality: contra, side: left, keys: [reference] }
`;

const PRINTED = `cards
─────
  left     gateway (pool cards.left)
           where kind charge or refund, amount > 0
           fees checked against contract acquirer
  right    bank (pool bank)
           anchored at valueDate
  window   right from 1h before left to 5d after; 6h of grace; what broke stays
           matchable for 30d
  nulls    NONREF, N/A are no key

  1. by-day (N:1)
     index    left  account + currency +
                settleDate(time 23:00 Asia/Dubai +1bd rails)
              right account + currency + valueDate
     compare  sums of expectedNet = amount ± 1.00, short 5.00
     fees     attributes.scheme amex or diners: 3.50 % + 1.00, at least 2.00
              any charge: 2.25 % up to 1000, 1.90 % above
              5 % tax on the rounded fee; rounded per record; a refund returns
                nothing
     tried    complete once the watermark is past the cut-off, 23:00 Asia/Dubai,
              and grace; at the latest when the last member is due
     breaks   one for the group: amount where the sums differ, else group;
              lateMember after its match

  2. by-order (1:1)
     index    left  account + currency + references.order
              right account + currency +
                attributes.narrative upper /ORD[- ](\\d+)/
     where    right attributes.type not FEE
     compare  amount
     dates    right valueDate from 0s before to 2bd after left bookingDate, open
              days of rails
     tried    1h after the record's anchor, only where each has exactly the
              other as candidate
     breaks   ambiguous with the candidates; unmatched, naming up to 5 near ones
              where no earlier rule has any

  3. voided (contra, left side)
     index    account + currency + reference
     compare  sums of amount
     tried    at the end of a record's window, after all rules of two sides
     breaks   none of its own

Sources
───────
  gateway (csv): in order; idle after 1m; a reused id is a record of its own
  bank (csv): up to 1h out of order; idle after 1m; a reused id is a record of
    its own
  Partitions by account
`;

describe('the plan of a configuration', () => {
  it('is printed in 80 columns', () => {
    const printed = printPlan(plan(FULL));
    expect(printed).toBe(PRINTED);
    expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('says so where nothing is configured', () => {
    expect(printPlan(plan(''))).toBe('No reconciliation is configured.\n');
  });

  it('says where rates are published, and keeps what may be a secret to itself', () => {
    const { rates } = plan(`${SOURCES}rates:
  written: { values: [{ date: 2026-11-20, from: USD, to: AED, rate: '3.6725' }] }
  both:
    values: [{ date: 2026-11-20, from: USD, to: AED, rate: '3' }, { date: 2026-11-19, from: USD, to: AED, rate: '3' }]
    source: { url: 'https://rates.example/x?key=hidden', headers: { authorization: hidden }, every: 15m, format: json, items: data, from: USD }
  wide: { source: { path: eur.csv, layout: wide, columns: { date: Date }, from: EUR } }
`);
    expect(rates).toEqual([
      { table: 'written', notes: ['1 rate, of 2026-11-20'] },
      {
        table: 'both',
        notes: [
          '2 rates, from 2026-11-19 to 2026-11-20',
          'published while running: https://rates.example/x every 15m, JSON in data, a row a rate: date in date, from USD, to in to, rate in rate',
        ],
      },
      {
        table: 'wide',
        notes: [
          'published while running: eur.csv every 1h, CSV, a column a currency, EUR in each, date in Date',
        ],
      },
    ]);
  });

  it('names who shares a pool, in data as in print', () => {
    const shared = FULL.replace('- name: cards', '- name: other').slice(FULL.indexOf('  - name'));
    const found = plan(FULL + shared);
    expect(found.reconciliations[0]?.right).toMatchObject({ pool: 'bank', sharedWith: ['other'] });
    expect(printPlan(found)).toContain('bank (pool bank, shared with other)');
  });
});

/** A configuration of one reconciliation with those rules. */
function withRules(rules: string, more: { sides?: string; window?: string; top?: string } = {}): string {
  return `${SOURCES}${more.top ?? ''}
reconciliations:
  - name: r
    ${more.sides ?? 'left: { sources: [gateway] }\n    right: { sources: [bank] }'}
    window: ${more.window ?? '{ after: 3d }'}
    rules: [${rules}]
`;
}

const ONE = '{ name: one, keys: [reference] }';
const BOTH = (left: string, right: string): string =>
  `left: { sources: [gateway, bank], where: ${left} }\n    right: { sources: [gateway], where: ${right} }`;

describe('a warning', () => {
  it.each<[string, string, string[]]>([
    ['nothing', withRules(ONE), []],
    [
      'onSum',
      withRules('{ name: one, cardinality: "1:N", complete: onSum, keys: [reference] }'),
      ['rule "one" of "r": onSum may tie the first records'],
    ],
    [
      'a hold beyond the window',
      withRules('{ name: one, keys: [reference], hold: 4d }'),
      ['rule "one" of "r": hold 4d is longer than the window and grace (3d)'],
    ],
    ['an empty window', withRules(ONE, { window: '{}' }), ['"r": the window is 0s long']],
    [
      'a key that names nothing',
      withRules('{ name: one, keys: [amount, valueDate] }'),
      ['rule "one" of "r": nothing in its key (amount, valueDate) names a payment'],
    ],
    [
      'a key that names nothing, where it must be unique',
      withRules('{ name: one, keys: [amount], hold: 1h, unique: true }'),
      [],
    ],
    [
      'a rule that is shadowed',
      withRules(`${ONE}, { name: two, keys: [reference], where: { left: { kind: charge } } }`),
      ['rule "two" of "r": never has anything left to match: "one" comes first'],
    ],
    [
      'a rule that is shadowed by a wider one',
      withRules(
        '{ name: one, keys: [reference], tolerance: { amount: "1" } }, { name: two, keys: [reference] }',
      ),
      ['rule "two" of "r": never has anything left'],
    ],
    [
      'a wider rule after a narrow one',
      withRules(`${ONE}, { name: two, keys: [reference], tolerance: { amount: "1" } }`),
      [],
    ],
    [
      'a rule for others after a filtered one',
      withRules(
        `{ name: one, keys: [reference], where: { left: { kind: charge } } }, { name: two, keys: [reference] }`,
      ),
      [],
    ],
    [
      'a tolerance that is 0 for other currencies',
      withRules('{ name: one, keys: [reference], tolerance: { amount: { AED: "1" }, percent: "1" } }'),
      ['rule "one" of "r": a currency that tolerance.amount does not list'],
    ],
    [
      'filters that overlap',
      withRules(ONE, { sides: BOTH('{ kind: charge }', '{ status: booked }') }),
      ['"r": source "gateway" is on both sides; a record that both filters take goes left'],
    ],
    [
      'filters that do not',
      withRules(ONE, { sides: BOTH('{ kind: charge }', '{ kind: { notIn: [charge, fee] } }') }),
      [],
    ],
    [
      'payouts against credits',
      withRules(ONE, {
        sides: 'left: { sources: [gateway], where: { kind: payout } }\n    right: { sources: [bank] }',
      }),
      ['"r": the left side is payouts, which are negative, and neither side has negate: true'],
    ],
    [
      'what is not used',
      withRules(ONE, {
        sides: 'left: { sources: [gateway] }\n    right: { sources: [gateway2] }',
        top: `  gateway2: { connector: csv, path: h }
calendars: { c: {} }
feeContracts: { f: { lines: [{}] } }
rates: { t: { values: [] } }`,
      }),
      [
        'source "bank": is in no reconciliation',
        'calendar "c": is named by nothing',
        'fee contract "f": is named by nothing',
        'table of rates "t": is named by nothing',
      ],
    ],
    [
      'rates that come unencrypted',
      withRules(`{ name: one, keys: [reference], fx: { from: USD, to: AED, rate: { table: t } } }`, {
        top: `rates: { t: { source: { url: 'http://rates.example/' } }, u: { source: { url: 'http://127.0.0.1:80/' } } }`,
      }),
      ['table of rates "u": is named by nothing', 'table of rates "t": its source is not encrypted'],
    ],
    [
      'a calendar without holidays',
      withRules(
        '{ name: one, keys: [reference], dates: [{ left: time, right: time, after: 1bd, calendar: SA }] }',
      ),
      ['calendar "SA": is the built-in one: weekends only, no holidays'],
    ],
    [
      'a line that is never reached',
      withRules(ONE, {
        sides: 'left: { sources: [gateway], fees: f }\n    right: { sources: [bank] }',
        top: 'feeContracts: { f: { lines: [{ percent: "2" }, { where: { kind: chargeback }, fixed: "60" }, { percent: "1" }] } }',
      }),
      ['fee contract "f": line 3 is never reached: line 1 has no where'],
    ],
    [
      'tiers that end',
      withRules(ONE, {
        sides: 'left: { sources: [gateway], fees: f }\n    right: { sources: [bank] }',
        top: `feeContracts: { f: { lines: [
  { where: { status: booked }, tiers: [{ upTo: "100", percent: "2" }], percent: "1" },
  { where: { status: pending }, tiers: [{ upTo: "100", percent: "2" }], min: "0.50" },
  { tiers: [{ upTo: "100", percent: "2" }] }] } }`,
      }),
      [
        'fee contract "f": no tier of line 2 is for more than 100: a larger charge is expected to cost 0.50;',
        'fee contract "f": no tier of line 3 is for more than 100: a larger charge is expected to cost nothing;',
      ],
    ],
    [
      'a tolerance finer than a minor unit',
      withRules(
        '{ name: one, keys: [reference], tolerance: { amount: "0.505", short: { amount: { KWD: "0.0005", AED: "0.500" } }, over: { amount: { JPY: "1.5" } } } }',
      ),
      [
        'rule "one" of "r": tolerance.amount 0.505 is rounded down to 0.50 in currencies of 2 digits; list it by currency',
        'rule "one" of "r": tolerance.short.amount 0.0005 is finer than the minor unit of KWD: it is rounded down to 0.000',
        'rule "one" of "r": tolerance.over.amount 1.5 is finer than the minor unit of JPY: it is rounded down to 1',
      ],
    ],
    [
      'business days of no calendar',
      withRules(
        '{ name: one, keys: [reference, { settleDate: { cutoff: "23:00", zone: UTC, lag: 2bd } }], dates: [{ left: time, right: time, before: 0bd, after: 1bd }] }',
      ),
      [
        'rule "one" of "r": dates: after 1bd names no calendar, so that every day is open, weekends too; name one, or write 1d',
        'rule "one" of "r": settleDate: lag 2bd names no calendar',
      ],
    ],
    [
      'a key that stands twice',
      withRules('{ name: one, keys: [reference, id, references.reference] }'),
      ['rule "one" of "r": key reference stands in it twice'],
    ],
    [
      'amounts of two currencies as a key',
      withRules(
        '{ name: one, keys: [reference, amount], fx: { from: USD, to: AED, rate: { side: right, field: attributes.rate } } }',
      ),
      ['rule "one" of "r": compares amount as a key, but fx converts between currencies'],
    ],
  ])('tells of %s', (_what, text, expected) => {
    const found = plan(text).warnings.map(({ about, message }) => `${about}: ${message}`);
    expect(found.map((warning, i) => warning.slice(0, expected[i]?.length))).toEqual(expected);
  });
});
