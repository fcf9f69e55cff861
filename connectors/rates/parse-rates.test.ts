import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CounterfoilError, ratesSchema } from '../../engine/domain/index.ts';
import type { RatesSource } from '../../engine/domain/index.ts';
import { parseRates } from './parse-rates.ts';
import { sourceOf } from '../../engine/testing/rates-source.ts';

const WIDE = { layout: 'wide', columns: { date: 'Date', from: '', to: '', rate: undefined } } as const;
const JSON_LONG = { format: 'json' } as const;
const usd = (date: string, rate: string, to = 'AED') => ({ date, from: 'USD', to, rate });

/** What is sent, how it is to be read, and the rates and problems that come of it. */
const CASES: readonly (readonly [
  what: string,
  text: string,
  source: Partial<RatesSource>,
  rates: readonly object[],
  problems?: readonly string[],
])[] = [
  [
    'a CSV, whatever the order of its columns',
    '\uFEFFrate,note,to,from,date\r\n3.6725,x,AED,USD,2026-11-20\r\n\r\n',
    {},
    [usd('2026-11-20', '3.6725')],
  ],
  [
    'columns with other names, one currency for all, quotes, and a day that is a moment',
    'Day;Currency;Mid\n"2026-11-20T16:00:00+04:00"; USD ;"3.6725"\n',
    {
      delimiter: ';',
      to: 'AED',
      columns: { date: 'Day', from: 'Currency', to: 'to', rate: 'Mid' },
    },
    [usd('2026-11-20', '3.6725')],
  ],
  [
    'rows that are none between those that are',
    'date,from,to,rate\n2026-11-31,USD,AED,1\n2026-11-20,usd,AED,1\n2026-11-20,USD,AED,0.0\n2026-11-20,USD,AED,"3,6"\n' +
      '2026-11-20\n2026-11-21,USD,AED,3.67\n2026-11-22,USD,AED,1e3\n2026-11-23,USD,AED,-1\n',
    {},
    [usd('2026-11-21', '3.67')],
    [
      'line 2: date "2026-11-31": ',
      'line 3: from "usd": wants an ISO 4217 currency code such as AED',
      'line 4: rate "0.0": a rate is more than 0',
      'line 5: rate "3,6": wants a decimal such as 3.6725',
      'line 6: from "": wants an ISO 4217',
      'line 8: rate "1e3": wants a decimal',
      'line 9: rate "-1": wants a decimal',
    ],
  ],
  [
    'a day that stands twice: the same is no problem, another is',
    'date,from,to,rate\n2026-11-20,USD,AED,3.6\n2026-11-20,USD,AED,3.6\n2026-11-20,USD,AED,3.7\n',
    {},
    [usd('2026-11-20', '3.6')],
    ['line 4: USD in AED on 2026-11-20 is 3.6 above and 3.7 here; the first counts'],
  ],
  [
    'a column a currency, with gaps and a last comma',
    'Date, USD, JPY, Remark,\n2026-11-20, 1.0812, N/A, x,\n2026-11-19,,162.31,,\n',
    { ...WIDE, from: 'EUR' },
    [
      { date: '2026-11-20', from: 'EUR', to: 'USD', rate: '1.0812' },
      { date: '2026-11-19', from: 'EUR', to: 'JPY', rate: '162.31' },
    ],
  ],
  [
    'a column a currency, each in one',
    'Date,USD,AED\n2026-11-20,3.6725,1\n',
    { ...WIDE, to: 'AED' },
    [usd('2026-11-20', '3.6725')],
  ],
  [
    'a list in JSON: of numbers each digit counts',
    '[{"date":"2026-11-20","from":"USD","to":"AED","rate":3.672500000001},{"date":"2026-11-21","from":"USD","to":"AED","rate":"3.68"}, null, 7]',
    JSON_LONG,
    [usd('2026-11-20', '3.672500000001'), usd('2026-11-21', '3.68')],
    ['row 3: from ""', 'row 4: from ""'],
  ],
  [
    'JSON whose rows lie deeper',
    '{"data":{"rows":[{"on":{"day":"2026-11-20"},"pair":{"a":"USD","b":"AED"},"mid":3.6725}]}}',
    {
      ...JSON_LONG,
      items: 'data.rows',
      columns: { date: 'on.day', from: 'pair.a', to: 'pair.b', rate: 'mid' },
    },
    [usd('2026-11-20', '3.6725')],
  ],
  [
    'one day in JSON, a member a currency',
    '{"base":"USD","date":"2026-11-20","rates":{"AED":3.6725,"USD":1,"note":"x","KWD":null}}',
    { ...JSON_LONG, ...WIDE, columns: { ...WIDE.columns, date: 'date', rate: 'rates' }, from: 'USD' },
    [usd('2026-11-20', '3.6725')],
  ],
];

describe('what a source of rates says', () => {
  it.each(CASES.map((each) => [each[0], each] as const))(
    '%s',
    (_what, [, text, source, rates, problems = []]) => {
      const read = parseRates(text, sourceOf(source));
      expect(read.rates).toEqual(rates);
      expect(read.problems).toHaveLength(problems.length);
      for (const [i, problem] of problems.entries()) expect(read.problems[i]).toContain(problem);
    },
  );

  it.each([
    ['date,from,rate\n', {}, 'no column "to"; found date, from, rate'],
    ['', {}, 'no column "date", "from", "to", "rate"'],
    ['date,from,to,rate,rate\n', {}, 'column "rate" stands there twice'],
    ['date,from,to,rate\n"2026', {}, 'it is no CSV'],
    ['<html>', JSON_LONG, 'it is no JSON'],
    ['{"rates":[', JSON_LONG, 'it is no JSON'],
    ['"text"', JSON_LONG, 'the document is neither a list of rows nor a row'],
    ['{"a":1}', { ...JSON_LONG, items: 'constructor.name' }, '"constructor.name" is neither'],
  ] as const)('%j as a whole is none', (text, source, expected) => {
    expect(() => parseRates(text, sourceOf(source))).toThrow(
      expect.objectContaining({
        code: 'malformedRow',
        message: expect.stringContaining(expected) as string,
      }) as Error,
    );
  });

  it('pairs that nobody asks for are left out, and nothing is said of them', () => {
    const text = 'date,from,to,rate\n2026-11-20,USD,AED,3.6725\n2026-11-20,EUR,AED,nonsense\n';
    const read = parseRates(text, sourceOf({}), (from) => from === 'USD');
    expect(read).toMatchObject({ rates: [usd('2026-11-20', '3.6725')], problems: [] });
  });

  it('of many problems there are the first ones and a number', () => {
    const read = parseRates(`date,from,to,rate\n${'x,USD,AED,1\n'.repeat(50_000)}`, sourceOf({}));
    expect(read.problems).toHaveLength(21);
    expect(read.problems[20]).toBe('and 49980 more of the kind');
  });
});

describe('hostile texts', () => {
  const source = fc.constantFrom<Partial<RatesSource>>(
    {},
    JSON_LONG,
    { ...WIDE, from: 'USD' },
    { ...JSON_LONG, ...WIDE, items: 'a.b', from: 'USD' },
  );
  const piece = fc.oneof(
    fc.constantFrom(
      'date,from,to,rate',
      'Date,USD,AED',
      '2026-11-20',
      'USD',
      'AED',
      '3.6725',
      ',',
      '\n',
      '"',
      '{',
      '}',
    ),
    fc.constantFrom(
      '[',
      ']',
      ':',
      '"__proto__"',
      '"rate":1e5',
      '\\',
      '\u0000',
      '\u2028',
      '-',
      '1.',
      '.5',
      '"date":"2026-11-20"',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );

  it('give rates that are rates, problems of one line, or one error', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), source, (pieces, settings) => {
        try {
          const read = parseRates(pieces.join(''), sourceOf(settings));
          expect(ratesSchema.safeParse(read.rates).success).toBe(true);
          for (const problem of read.problems) expect(problem).not.toContain('\n');
        } catch (error) {
          expect(error).toBeInstanceOf(CounterfoilError);
          expect((error as CounterfoilError).code).toBe('malformedRow');
          expect((error as Error).message).not.toContain('\n');
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['quotes that are never closed', `"${'\\"'.repeat(1_000_000)}`],
    ['nothing but minus signs', '-'.repeat(2_000_000)],
    ['lists without end', '['.repeat(1_000_000)],
    ['one row without end', `date,from,to,rate\n${'x'.repeat(2_000_000)}`],
  ])('%s are refused in time that grows with their length', (_what, text) => {
    const began = performance.now();
    for (const format of ['csv', 'json'] as const)
      expect(() => parseRates(text, sourceOf({ format }))).toThrow(CounterfoilError);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
