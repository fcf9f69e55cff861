import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeadLetter, MoneyRecord, Translated } from '../../engine/domain/index.ts';
import { readContent, sourceOf, temporaryFolder } from '../conformance/harness.ts';
import { csvSettings } from './settings.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

type Settings = { readonly [setting: string]: unknown };

async function read(
  content: string,
  settings: Settings,
): Promise<{ records: MoneyRecord[]; dead: DeadLetter[]; findings: string[]; notices: string[] }> {
  const source = sourceOf('csv', { path: 'x', ...settings });
  const items: Translated[] = await readContent(source, folder.path, content, 'f.csv');
  return {
    records: items.flatMap((item) => (item.type === 'record' ? [item.record] : [])),
    dead: items.flatMap((item) => (item.type === 'deadLetter' ? [item.deadLetter] : [])),
    findings: items.flatMap((item) => (item.type === 'finding' ? [item.finding.message] : [])),
    notices: source.notices,
  };
}

/** What one row comes to, in minor units; or the code of its dead letter. */
async function one(header: string, row: string, settings: Settings): Promise<object | string> {
  const { records, dead } = await read(`${header},time\n${row},2026-11-22\n`, {
    currency: 'AED',
    ...settings,
  });
  const [record] = records;
  if (record === undefined) return `${dead[0]!.code}: ${dead[0]!.reason}`;
  const { amount, fee, tax } = record;
  return { amount: Number(amount), fee: Number(fee), tax: Number(tax) };
}

const DIRECTION = { direction: { column: 'DC', adds: ['CR', 'C'], subtracts: ['DR'] } };
const SIDES = { sides: { adds: 'Credit', subtracts: 'Debit' } };

describe('amounts', () => {
  test.each<[string, string, Settings, number]>([
    ['amount', '-12.30', {}, -1230],
    ['amount', '"1,234.50"', { numbers: { thousands: ',' } }, 123450],
    ['amount', '"(1.234,50)"', { numbers: { decimal: ',', thousands: '.', parentheses: true } }, -123450],
    ['amount', '12.30-', { numbers: { trailingMinus: true } }, -1230],
    ['amount', '1230', { amountIn: 'minor' }, 1230],
    ['amount', '"-1,230"', { amountIn: 'minor', numbers: { thousands: ',' } }, -1230],
    ['amount,currency', '1230,KWD', { amountIn: 'minor' }, 1230],
    ['amount,currency', '1230,KWD', { amountIn: 'minor', minorUnits: { KWD: 2 } }, 12300],
    ['amount,DC', '12.30,CR', DIRECTION, 1230],
    ['amount,DC', '12.30,C', DIRECTION, 1230],
    ['amount,DC', '12.30,DR', DIRECTION, -1230],
    ['amount,DC', '0.00,DR', DIRECTION, 0],
    ['Debit,Credit', '12.30,', SIDES, -1230],
    ['Debit,Credit', ',12.30', SIDES, 1230],
    ['Debit,Credit', '12.30,0.00', SIDES, -1230],
    ['Debit,Credit', '0.00,12.30', SIDES, 1230],
    ['Debit,Credit', '0.00,', SIDES, 0],
    ['Debit,Credit', '0.00,0.00', SIDES, 0],
    ['Debit,Credit', '-,"1,230.00"', { ...SIDES, numbers: { thousands: ',', empty: ['-'] } }, 123000],
    ['Debit,Credit', '5.00,', { sides: { adds: 'Debit', subtracts: 'Credit' } }, 500],
    ['Debit,Credit,amount', '5.00,,9.99', SIDES, -500],
  ])('%s %s by %j is %i', async (header, row, settings, amount) => {
    expect(await one(header, row, settings)).toEqual({ amount, fee: 0, tax: 0 });
  });

  test.each<[string, string, Settings, RegExp]>([
    ['amount', '"1,234.50"', {}, /^invalidAmount/],
    ['amount', '(12.30)', {}, /^invalidAmount/],
    ['amount', '12.30-', {}, /^invalidAmount/],
    ['amount', '12.30', { amountIn: 'minor' }, /no whole number of minor units/],
    ['amount,DC', '-12.30,DR', DIRECTION, /has a sign, and the source's settings/],
    ['amount,DC', '+12.30,CR', DIRECTION, /has a sign/],
    ['amount,DC', '(12.30),CR', { ...DIRECTION, numbers: { parentheses: true } }, /has a sign/],
    ['amount,DC', '12.30,XX', DIRECTION, /"XX" at column DC neither adds nor subtracts/],
    ['amount,DC', '12.30,', DIRECTION, /neither adds nor subtracts/],
    ['Debit,Credit', '1.00,2.00', SIDES, /on both sides, 2.00 that adds and 1.00 that takes away/],
    ['Debit,Credit', ',', SIDES, /empty on both sides/],
    ['Debit,Credit', '-1.00,', SIDES, /has a sign/],
  ])('%s %s by %j is a dead letter', async (header, row, settings, reason) => {
    expect(await one(header, row, settings)).toMatch(reason);
  });
});

describe('fee, tax and net', () => {
  const header = 'amount,fee,tax,net';
  const signs = (fee: string, net?: string): Settings => ({ signs: { fee, tax: fee, ...(net && { net }) } });
  test.each<[string, Settings, number, number]>([
    ['100.00,2.50,0.13,97.37', {}, 10000, 250],
    ['100.00,-2.50,-0.13,97.37', signs('balance'), 10000, 250],
    ['-100.00,2.50,0.13,-97.37', signs('balance'), -10000, -250],
    ['100.00,2.50,0.13,97.37', signs('amount'), 10000, 250],
    ['-100.00,2.50,0.13,-97.37', signs('amount'), -10000, -250],
    ['100.00,,,100.00', signs('balance'), 10000, 0],
    ['100.00,0.00,0.00,100.00', signs('balance'), 10000, 0],
  ])('%s by %j', async (row, settings, amount, fee) => {
    expect(await one(header, row, settings)).toMatchObject({ amount, fee });
  });

  test.each<[string, Settings, number, number]>([
    ['100.00,2.50,0.13,97.37,CR', signs('amount'), 10000, 250],
    ['100.00,2.50,0.13,97.37,DR', signs('amount'), -10000, -250],
    ['100.00,2.50,0.13,102.63,DR', signs('cost'), -10000, 250],
    ['0.00,50.00,2.50,-52.50,DR', signs('cost', 'own'), 0, 5000],
  ])('with a direction, %s by %j', async (row, settings, amount, fee) => {
    expect(await one(`${header},DC`, row, { ...DIRECTION, ...settings })).toMatchObject({ amount, fee });
  });

  test('a net that is not amount − fee − tax is a dead letter with the numbers', async () => {
    expect(await one(header, '100.00,2.50,0.13,97.38', {})).toMatch(
      /^netMismatch: net is 9738 minor units, but amount − fee − tax is 10000 − 250 − 13 = 9737/,
    );
    expect(await one(header, '100.00,-2.50,-0.13,97.37', {})).toMatch(/^netMismatch/);
    expect(await one(`${header},DC`, '10.00,1.00,0,-9.00,CR', DIRECTION)).toMatch(/net "-9.00" has a sign/);
  });
});

describe('what else a row says', () => {
  test('kinds and statuses in its own words; an unknown one is a dead letter, or what * says', async () => {
    const content =
      'amount,time,kind,status\n1.00,2026-11-22,SALE,OK\n1.00,2026-11-22,Odd,OK\n1.00,2026-11-22,,\n';
    const words = { currency: 'AED', kinds: { SALE: 'charge' }, statuses: { OK: 'pending' } };
    const strict = await read(content, words);
    expect(strict.records.map(({ kind, status }) => [kind, status])).toEqual([
      ['charge', 'pending'],
      ['ledger', 'booked'],
    ]);
    expect(strict.dead).toMatchObject([
      { code: 'invalidField', reason: /kind "Odd" is not in the source's kinds/ },
    ]);
    const open = await read(content, { ...words, kinds: { SALE: 'charge', '*': 'adjustment' } });
    expect(open.records.map(({ kind }) => kind)).toEqual(['charge', 'adjustment', 'ledger']);
  });

  test('an id of several columns; where one is empty there is none', async () => {
    const { records, dead } = await read(
      'Batch,Seq,amount,time\nB1,1,1.00,2026-11-22\nB1,2,1.00,2026-11-22\nB1,,1.00,2026-11-22\n',
      { columns: { id: ['Batch', 'Seq'] }, currency: 'AED' },
    );
    expect(records.map(({ id }) => id)).toEqual(['B1:1', 'B1:2']);
    expect(dead).toMatchObject([{ code: 'invalidField', reason: /^id is empty/ }]);
  });

  test('date and time in columns of their own, each date in its format and zone', async () => {
    const { records, dead } = await read(
      'amount,Date,Time,Value,Seen\n1.00,22/11/2026,23:30,23NOV26,1763841600\n1.00,22/11/2026,,,\n1.00,22/13/2026,10:00,,\n',
      {
        columns: { time: ['Date', 'Time'], valueDate: 'Value', bookingDate: 'Seen' },
        currency: 'AED',
        times: {
          time: { format: 'dd/MM/yyyy HH:mm', zone: 'Asia/Dubai' },
          valueDate: 'ddMMMyy',
          bookingDate: { format: 's', zone: 'Asia/Dubai' },
        },
      },
    );
    expect(records).toMatchObject([
      {
        time: Date.parse('2026-11-22T19:30:00Z'),
        offsetMinutes: 240,
        precision: 'instant',
        valueDate: Date.parse('2026-11-23') / 86_400_000,
        bookingDate: Date.parse('2025-11-23') / 86_400_000,
      },
    ]);
    expect(dead.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^time is empty/),
      expect.stringMatching(/^time "22\/13\/2026 10:00" is no time of the form dd\/MM\/yyyy HH:mm/),
    ]);
  });

  test('constants, which columns of that name do not change', async () => {
    const { records, notices } = await read('amount,time,kind,attributes.a\n1.00,2026-11-22,x,y\n', {
      constants: { currency: 'AED', kind: 'charge', reference: 'R', 'attributes.b': 'z' },
    });
    expect(records).toMatchObject([
      { currency: 'AED', kind: 'charge', references: { reference: 'R' }, attributes: { a: 'y', b: 'z' } },
    ]);
    expect(notices).toEqual(['f.csv: columns that are not read: kind']);
  });

  test('lines before the header, and rows to pass over', async () => {
    const { records, dead, notices } = await read(
      '\uFEFFSettlement "report\n\nfrom;1;to;2\nid;amount;time;Status\na;1.00;2026-11-22;OK\n# note\nb;2.00;2026-11-22;DECLINED\nc;3.00;2026-11-22;OK\n',
      {
        skip: 3,
        currency: 'AED',
        ignore: [{ matches: '^#' }, { column: 'Status', is: ['DECLINED', 'VOID'] }],
      },
    );
    expect(dead).toEqual([]);
    expect(records.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(notices).toEqual(['f.csv: 2 rows were passed over, as configured']);
  });

  test('skipped lines may be longer than a piece of the file, or all there is', async () => {
    const long = `${'x'.repeat(600_000)}\nid,amount,time\na,1.00,2026-11-22\n`;
    const { records } = await read(long, { skip: 1, currency: 'AED' });
    expect(records.map(({ id }) => id)).toEqual(['a']);
    await expect(read('a\nb\n', { skip: 9 })).rejects.toMatchObject({ code: 'invalidConfig' });
  });
});

test.each<[string, Settings, RegExp]>([
  ['direction and sides', { ...DIRECTION, ...SIDES }, /leave one out/],
  ['sides and a column of amounts', { ...SIDES, columns: { amount: 'A' } }, /sides: amount is mapped/],
  ['a field twice', { constants: { kind: 'charge' }, columns: { kind: 'K' } }, /constants: kind is mapped/],
  ['an id for all', { constants: { id: 'x' } }, /each record's own/],
  ['several columns of an amount', { columns: { amount: ['A', 'B'] } }, /only those of an id or a time/],
  [
    'one mark for two things',
    { numbers: { decimal: ',', thousands: ',' } },
    /decimal and thousands are the same/,
  ],
  [
    'a word that adds and subtracts',
    { direction: { column: 1, adds: ['a'], subtracts: ['a'] } },
    /both adds/,
  ],
  ['a format that is none', { times: { time: 'YYYY' } }, /"YYYY" in it/],
  ['a zone that is none', { times: { time: { zone: 'Mars/Base' } } }, /IANA/],
  ['a trailer told by nothing', { trailer: { count: 2 } }, /one of where and rows/],
  ['a trailer told twice', { trailer: { rows: 1, where: { is: 'T' } } }, /one of where and rows/],
  ['a row told by nothing', { ignore: [{ column: 1 }] }, /one of is and matches/],
  ['an expression that is none', { ignore: [{ matches: '(?=a)' }] }, /regular expression/],
  [
    'a header of a file without one',
    { header: false, columns: { amount: 1, time: 2 }, ignore: [{ column: 'S', is: 'x' }] },
    /ignore: a file without header/,
  ],
])('%s is refused', (_, settings, message) => {
  const { error } = csvSettings.safeParse({ path: 'x', ...settings });
  const told = error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  expect(told ?? '').toMatch(message);
});
