import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MoneyRecord } from '../../../engine/domain/index.ts';
import { readContent, sourceOf, temporaryFolder } from '../../conformance/harness.ts';
import { sortItems } from '../../conformance/sorted-items.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

const COLUMNS =
  '"CH","Transaction ID","Invoice ID","PayPal Reference ID","PayPal Reference ID Type","Transaction Event Code",' +
  '"Transaction Initiation Date","Transaction Completion Date","Transaction  Debit or Credit","Gross Transaction Amount",' +
  '"Gross Transaction Currency","Fee Debit or Credit","Fee Amount","Fee Currency","Custom Field","Consumer ID",' +
  '"Payment Tracking ID","Store ID","Bank Reference ID","Credit Transactional Fee","Credit Promotional Fee","Credit Term"';

interface RowParts {
  readonly id?: string;
  readonly related?: string;
  readonly code?: string;
  readonly direction?: string;
  readonly amount?: string;
  readonly currency?: string;
  readonly fee?: string;
  readonly bank?: string;
}

function row(parts: RowParts = {}): string {
  const { id = 'TX1', related = '', code = 'T0006', direction = 'CR', amount = '10000' } = parts;
  const { currency = 'USD', fee = '"DR",320,"USD"', bank = '' } = parts;
  return (
    `"SB","${id}","INV ""7""","${related}","${related === '' ? '' : 'TXN'}","${code}",2026/11/22 00:01:17 -0700,` +
    `2026/11/22 23:30:00 -0700,"${direction}",${amount},"${currency}",${fee},"c","PAYER","","","${bank}",,,`
  );
}

/** A report of one account in one file, its totals and counts as they should be unless they are given. */
function report(
  rows: readonly string[],
  { totals = ['"SF","USD",10000,0,0,320,"CR",0,"CR",9680'], count = rows.length, number = '01' } = {},
): string {
  return [
    '"RH",2026/11/23 02:44:19 -0700,"A","ACCOUNT",009,',
    `"FH",${number}`,
    '"SH",2026/11/22 00:00:00 -0700,2026/11/22 23:59:59 -0700,"ACCOUNT",""',
    COLUMNS,
    ...rows,
    ...totals,
    `"SC",${count}`,
    `"RF",${count}`,
    `"RC",${count}`,
    `"FF",${count}`,
    '',
  ].join('\r\n');
}

async function read(content: string, settings: { readonly [setting: string]: unknown } = {}) {
  const source = sourceOf('paypal-report', { path: 'x', ...settings });
  return sortItems(await readContent(source, folder.path, content, 'STL-20261122.01.009.CSV'));
}

const line = ({ amount, fee, currency, kind, id, link }: MoneyRecord): string =>
  `${amount} ${fee} ${currency} ${kind} ${id}${link === undefined ? '' : ` > ${link}`}`;

describe('a settlement report', () => {
  test('gives a record of each transaction, with the ids of a search', async () => {
    const { records, dead, findings } = await read(`\uFEFF${report([row()])}`);
    expect([dead, findings]).toEqual([[], []]);
    expect(records).toMatchObject([
      {
        id: 'TX1',
        account: 'ACCOUNT',
        kind: 'charge',
        status: 'booked',
        amount: 10_000n,
        fee: 320n,
        time: Date.UTC(2026, 10, 22, 7, 1, 17),
        bookingDate: Date.UTC(2026, 10, 22) / 86_400_000,
        references: { transaction: 'TX1', reference: 'TX1', invoice: 'INV "7"', custom: 'c' },
      },
    ]);
    expect(records[0]!.version).toBeUndefined();
  });

  test.each<[string, RowParts, string]>([
    [
      'a refund',
      { related: 'TX0', code: 'T1107', direction: 'DR', fee: '"CR",35,"USD"' },
      '-10000 -35 USD refund TX1 > TX0',
    ],
    ['a withdrawal', { code: 'T0400', direction: 'DR', fee: '"",,""' }, '-10000 0 USD payout TX1:T0400-'],
    ['yen', { currency: 'JPY', fee: '"DR",9,"JPY"' }, '10000 9 JPY charge TX1'],
    [
      'forint, which have no decimals at PayPal',
      { currency: 'HUF', fee: '"DR",9,"HUF"' },
      '1000000 900 HUF charge TX1',
    ],
    ['a fee of nothing', { fee: '"DR",0,"USD"' }, '10000 0 USD charge TX1'],
  ])('%s', async (_, parts, expected) => {
    const { records, dead } = await read(report([row(parts)], { totals: [] }));
    expect(dead).toEqual([]);
    expect(records.map(line)).toEqual([expected]);
  });

  test('may write units otherwise, and time by completion', async () => {
    const settings = { minorUnits: { HUF: 2 }, time: 'completion', accounts: { ACCOUNT: 'AE-MAIN' } };
    const { records } = await read(
      report([row({ currency: 'HUF', fee: '"",,""' })], { totals: [] }),
      settings,
    );
    expect(records).toMatchObject([
      { amount: 10_000n, account: 'AE-MAIN', time: Date.UTC(2026, 10, 23, 6, 30) },
    ]);
  });

  test('of older versions has names without blanks, and fewer of them', async () => {
    const content = report([row()], { totals: [] }).replace(
      COLUMNS,
      COLUMNS.replaceAll(/(?<=\w) +(?=\w)/g, ''),
    );
    expect((await read(content)).records.map(line)).toEqual(['10000 320 USD charge TX1']);
  });

  test('may be parted by tabs', async () => {
    const { records } = await read(report([row()]).replaceAll(',', '\t'), { delimiter: '\t' });
    expect(records.map(line)).toEqual(['10000 320 USD charge TX1']);
  });
});

describe('damage', () => {
  test.each<[string, string, RegExp]>([
    ['a sign', row({ amount: '-10000' }), /^invalidAmount: .*without a sign/],
    ['a decimal', row({ amount: '100.00' }), /^invalidAmount/],
    ['no direction', row({ direction: '' }), /^invalidField: transaction debit or credit/],
    ['no id', row({ id: '' }), /^invalidField: transaction id/],
    ['a fee in another currency', row({ fee: '"DR",320,"EUR"' }), /^invalidField: the fee is in "EUR"/],
    ['a field too few', row().replace(/,$/, ''), /^malformedRow: the row has 21 fields/],
    ['another type of row', row().replace('"SB"', '"SX"'), /^malformedRow: the row begins with "SX"/],
    ['a currency that nobody knows', row({ currency: 'XQX', fee: '"",,""' }), /^unknownCurrency/],
  ])('%s costs the row and nothing else', async (_, bad, expected) => {
    const { records, dead } = await read(report([row(), bad, row({ id: 'TX2' })], { totals: [] }));
    expect(records.map(({ id }) => id)).toEqual(['TX1', 'TX2']);
    expect(`${dead[0]!.code}: ${dead[0]!.reason}`).toMatch(expected);
  });

  test('of the names of columns costs the section: no amount is read under another name', async () => {
    const content = report([row(), row({ id: 'TX2' })], { totals: [], count: 2 });
    for (const broken of ['"CH","Transaction ID" x,', '"XH","Transaction ID",']) {
      const { records, dead } = await read(content.replace('"CH","Transaction ID",', broken));
      expect(records).toEqual([]);
      expect(dead.length).toBeGreaterThanOrEqual(3);
    }
    const unnamed = await read(content.replace('"Gross Transaction Amount"', '"Amount"'));
    expect(unnamed.dead[0]!.reason).toContain('no column "gross transaction amount"');
    expect(unnamed.records).toEqual([]);
  });

  test('is told: rows that are missing, and an end that is', async () => {
    const fewer = await read(report([row()], { count: 2 }));
    expect(fewer.dead.map(({ reason }) => reason)).toEqual([
      'the section says that it has "2" rows, and 1 were there; fetch the report again',
    ]);
    const cut = await read(report([row()]).replace(/"RF"[\s\S]*$/, ''));
    expect(cut.records).toHaveLength(1);
    expect(cut.dead).toMatchObject([{ code: 'malformedStatement' }]);
  });

  test('is told: totals that rows do not come to', async () => {
    const { findings } = await read(report([row()], { totals: ['"SF","USD",10100,0,0,320'] }));
    expect(findings).toMatchObject([{ kind: 'balance', account: 'ACCOUNT', currency: 'USD', amount: -100 }]);
    expect(findings[0]!.message).toContain('104.20 USD, and its rows come to 103.20');
    // Rows of the same section may be in another file.
    const second = await read(
      report([row()], { totals: ['"SF","USD",10100,0,0,320'], number: '02', count: 9 }),
    );
    expect([second.findings, second.dead]).toEqual([[], []]);
  });

  test('of a file that is no report is told once', async () => {
    const { dead, records } = await read('id,amount\n1,2\n3,4\n');
    expect(records).toEqual([]);
    expect(dead).toHaveLength(1);
    expect(dead[0]!.reason).toContain('does not begin with the header of a settlement report');
  });
});
