import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeadLetter, MoneyRecord, ReportedBalance, SourceFinding } from '../../engine/domain/index.ts';
import { readContent, sourceOf, temporaryFolder } from '../conformance/harness.ts';
import { statementText } from '../conformance/statement-text.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

async function read(content: string | Buffer, settings: { readonly [setting: string]: unknown } = {}) {
  const items = await readContent(
    sourceOf('mt940', { path: 'x', ...settings }),
    folder.path,
    content,
    'bank.sta',
  );
  const records: MoneyRecord[] = [];
  const dead: DeadLetter[] = [];
  const findings: SourceFinding[] = [];
  const progress: number[] = [];
  const balances: ReportedBalance[] = [];
  for (const item of items) {
    if (item.type === 'record') records.push(item.record);
    else if (item.type === 'deadLetter') dead.push(item.deadLetter);
    else if (item.type === 'finding') findings.push(item.finding);
    else if (item.type === 'progress') progress.push(item.time);
    else balances.push(item.balance);
  }
  return { records, dead, findings, progress, balances, items };
}

describe('mt940', () => {
  test('makes a record of each line', async () => {
    const text = statementText(
      ['2611211122C12,30NTRFINV-1//B1', 'SUPPLEMENT'].map((line, i) => (i === 0 ? `:61:${line}` : line)),
      'C261121AED1012,30',
    );
    const { records, findings, progress } = await read(text, { zone: 'Asia/Dubai' });
    expect(findings).toEqual([]);
    expect(records).toEqual([
      {
        source: 'source',
        id: 'AE070331234567890123456/7/1/2026-11-21/1',
        account: 'default',
        kind: 'bank',
        status: 'booked',
        currency: 'AED',
        amount: 1230n,
        fee: 0n,
        tax: 0n,
        time: Date.parse('2026-11-20T20:00:00Z'),
        precision: 'day',
        offsetMinutes: 240,
        bookingDate: Date.parse('2026-11-22') / 86_400_000,
        valueDate: Date.parse('2026-11-21') / 86_400_000,
        references: { reference: 'INV-1', bankReference: 'B1' },
        attributes: { type: 'NTRF', statement: '7/1', statementReference: 'REF', supplement: 'SUPPLEMENT' },
      },
    ]);
    expect(progress).toEqual([Date.parse('2026-11-20T20:00:00Z')]);
  });

  test('the record can stand at its booking date', async () => {
    const { records } = await read(statementText([':61:2611251122C1,00NTRFX'], 'C261122AED1001,00'), {
      time: 'bookingDate',
    });
    expect(records[0]!.time).toBe(Date.parse('2026-11-22'));
  });

  test('equal lines of a statement are records of their own, also over its pages', async () => {
    const line = ':61:2611211121C5,00NTRFNONREF';
    const pages = [
      ':20:A',
      ':25:X',
      ':28C:1',
      ':60F:C261121AED0,00',
      line,
      line,
      ':62M:C261121AED10,00',
      ':20:B',
      ':25:X',
      ':28C:1',
      ':60M:C261121AED10,00',
      line,
      ':62F:C261121AED15,00',
    ];
    const { records, findings } = await read(pages.join('\n'));
    expect(findings).toEqual([]);
    expect(records.map((record) => record.id)).toEqual([
      'X/1/2026-11-21/1',
      'X/1/2026-11-21/2',
      'X/1/2026-11-21/3',
    ]);
    expect(records[0]!.references).toEqual({});
  });

  test('the same statement twice gives the same ids', async () => {
    const text = statementText([':61:2611211121C5,00NTRFA', ':61:2611211121C5,00NTRFA'], 'C261121AED1010,00');
    const { records } = await read(`${text}\n${text}`);
    expect(records.slice(2)).toEqual(records.slice(0, 2));
  });

  test('a statement that does not add up is a finding, before its records, and its records are there', async () => {
    const { records, findings, items } = await read(
      statementText([':61:2611211121C5,00NTRFA'], 'C261121AED1004,00'),
    );
    expect(records).toHaveLength(1);
    expect(findings).toMatchObject([{ kind: 'balance', amount: 100, currency: 'AED', account: 'default' }]);
    expect(items[0]!.type).toBe('finding');
  });

  test('the balances of each page are told beside its records', async () => {
    const first = statementText([':61:2611201120C500,00NTRFA//1'], 'C261120AED1500,00', '7');
    const second = statementText([], 'D261121AED1,25', '8', 'C261121AED0,00');
    const { balances } = await read(`${first}\n${second}`);
    const about = { source: 'source', account: 'default', currency: 'AED', page: 1 };
    expect(balances).toMatchObject([
      { ...about, name: 'AE070331234567890123456/7/2026-11-20', opening: 100_000, closing: 150_000 },
      { ...about, name: 'AE070331234567890123456/8/2026-11-21', opening: 0, closing: -125 },
    ]);
    expect(balances.map(({ day }) => day)).toEqual([20_777, 20_778]);
  });

  test('a reversal counts as what it takes back', async () => {
    const { findings } = await read(
      statementText([':61:2611211121RC5,00NTRFA', ':61:2611211121RD7,00NTRFB'], 'C261121AED1002,00'),
    );
    expect(findings).toEqual([]);
  });

  test('envelopes, several statements, carriage returns, and missing :20:', async () => {
    const inner = statementText([':61:2611211121C5,00NTRFA'], 'C261121AED1005,00')
      .replace(':20:REF\n', '')
      .replace(/\n-$/, '');
    const text = `{1:F01BANKAEAD}{2:I940BANKAEADN}{4:\n${inner}\n-}\n{1:F01BANKAEAD}{2:I940BANKAEADN}{4:\n${inner.replace('7/1', '8/1')}\n-}{5:}`;
    const { records, dead } = await read(text.replaceAll('\n', '\r\n'));
    expect(dead).toEqual([]);
    expect(records.map((record) => record.attributes['statement'])).toEqual(['7/1', '8/1']);
  });

  test('a line broken inside :61: is put together, and a bank reference on the next line is found', async () => {
    const { records } = await read(
      statementText(
        [':61:2611211121C5,0', '0NTRFA', ':61:2611211121C5,00NTRFB', '//BANK'],
        'C261121AED1010,00',
      ),
    );
    expect(records.map(({ amount, references }) => [amount, references])).toEqual([
      [500n, { reference: 'A' }],
      [500n, { reference: 'B', bankReference: 'BANK' }],
    ]);
  });

  test('a line broken more than once is put together whole, or is a dead letter with all its lines', async () => {
    const { records, dead } = await read(
      statementText(
        [':61:26112', '11121C5,', '00NTRFA', ':61:2611211121C5,00NT', '~RF', 'SUPPLEMENT'],
        'C261121AED1005,00',
      ),
    );
    expect(records.map(({ amount, references }) => [amount, references])).toEqual([
      [500n, { reference: 'A' }],
    ]);
    expect(dead.map(({ payload }) => payload.split('\n').slice(-3))).toEqual([
      [':61:2611211121C5,00NT', '~RF', 'SUPPLEMENT'],
    ]);
  });

  test('what looks like a tag inside :86: is text where it cannot be one', async () => {
    const { records, findings, dead } = await read(
      statementText(
        [
          ':61:2611211121C5,00NTRFA',
          ':86:FIRST',
          ':20:NOT A STATEMENT',
          ':62F:NOT A BALANCE',
          ':59:NAME',
          'LAST',
          ':61:2611211121C6,00NTRFB',
          ':86:',
        ],
        'C261121AED1011,00',
      ),
    );
    expect([dead, findings]).toEqual([[], []]);
    expect(records[0]!.attributes['narrative']).toBe(
      'FIRST\n:20:NOT A STATEMENT\n:62F:NOT A BALANCE\n:59:NAME\nLAST',
    );
    expect(records[1]!.amount).toBe(600n);
  });

  test('a line that cannot be read is a dead letter with its place; the others are records', async () => {
    const { records, dead, findings } = await read(
      statementText(
        [
          ':61:2611211121C5,00NTRFA',
          ':61:261121X5,00NTRFB',
          ':86:WHAT',
          ':61:2604310431C5,00NTRFC',
          ':61:2611211121C5,00NTRFD',
        ],
        'C261121AED1010,00',
      ),
    );
    expect(records.map((record) => record.id.split('/').at(-1))).toEqual(['1', '4']);
    expect(dead.map(({ code, origin, payload }) => [code, origin.line, payload])).toEqual([
      ['malformedStatement', 6, ':61:261121X5,00NTRFB\n:86:WHAT'],
      ['invalidTime', 8, ':61:2604310431C5,00NTRFC'],
    ]);
    expect(findings).toEqual([]);
  });

  test.each([
    [
      'no closing balance',
      ':20:R\n:25:X\n:28C:1\n:60F:C261121AED0,\n:61:261121C5,00NTRFA\n',
      /no closing balance/,
    ],
    [
      'a malformed balance',
      statementText([':61:261121C5,00NTRFA'], 'nonsense'),
      /:62F:nonsense is not a balance/,
    ],
    [
      'two currencies',
      statementText([':61:261121C5,00NTRFA'], 'C261121USD5,00'),
      /opens in AED and closes in USD/,
    ],
    ['no statement', 'hello\nworld\n', /no statement in it/],
    ['a statement without lines or end', ':20:R\n:25:X\n', /no closing balance/],
  ])('%s: dead letters that say so, and no progress', async (_, text, reason) => {
    const { records, dead, progress } = await read(text);
    expect([records, progress]).toEqual([[], []]);
    expect(dead).toHaveLength(1);
    expect(dead[0]!.reason).toMatch(reason);
  });

  test('accounts come from the map of what :25: says', async () => {
    const text = statementText([':61:261121C5,00NTRFA'], 'C261121AED1005,00');
    const known = await read(text, { accounts: { AE070331234567890123456: 'main' } });
    expect(known.records[0]!.account).toBe('main');
    const unknown = await read(text, { accounts: { OTHER: 'main' } });
    expect(unknown.dead).toMatchObject([{ code: 'unknownAccount' }]);
  });

  test('progress waits for every account of the map', async () => {
    const text = statementText([], 'C261121AED1000,00');
    const accounts = { AE070331234567890123456: 'main', OTHER: 'other' };
    expect((await read(text, { accounts })).progress).toEqual([]);
    const both = `${text}\n${text.replace('AE070331234567890123456', 'OTHER').replace('C261121AED', 'C261120AED')}`;
    expect((await read(both, { accounts })).progress).toEqual([Date.parse('2026-11-20')]);
  });

  test('text in Latin-1 and in UTF-8', async () => {
    const text = statementText([':61:261121C5,00NTRFA', ':86:Empfänger'], 'C261121AED1005,00');
    for (const encoding of ['latin1', 'utf8'] as const) {
      const { records } = await read(Buffer.from(text, encoding));
      expect(records[0]!.attributes['narrative']).toBe('Empfänger');
    }
  });
});
