import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Zone, formatDay } from '../../engine/domain/index.ts';
import type {
  DeadLetter,
  MoneyRecord,
  ReportedBalance,
  SourceFinding,
  Translated,
} from '../../engine/domain/index.ts';
import { Accounts } from '../contract/index.ts';
import type { FileContext } from '../contract/index.ts';
import { readContent, sourceOf, temporaryFolder } from '../conformance/harness.ts';
import { readEntryDate, readStatementDate } from './dates.ts';
import { readStatementLine } from './grammar.ts';
import { mt940, readMt940 } from './index.ts';
import { readNarrative } from './narrative.ts';
import type { StatementLimits } from './statement.ts';

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

/** A statement around lines, closing where they lead. */
function statement(
  lines: readonly string[],
  closing: string,
  number = '7/1',
  opening = 'C261120AED1000,00',
): string {
  return [
    ':20:REF',
    ':25:AE070331234567890123456',
    `:28C:${number}`,
    `:60F:${opening}`,
    ...lines,
    `:62F:${closing}`,
    '-',
  ].join('\n');
}

describe('statement lines', () => {
  test.each([
    ['2611211121C12,30NTRFREF1//BANK1', 1230n],
    ['2611211121D12,30NTRFREF1', -1230n],
    ['2611211121RC12,30NTRFREF1', -1230n],
    ['2611211121RD12,30NTRFREF1', 1230n],
    ['2611211121EC12,30NTRFREF1', 1230n],
    ['2611211121ED12,30NTRFREF1', -1230n],
    ['2611211121DR12,30NTRFREF1', -1230n],
    ['2611211121CR12,30NTRFREF1', 1230n],
    ['2611211121RDR12,30NTRFREF1', 1230n],
    ['261121    D12,NTRFREF1', -1200n],
    ['261121C500NTRFREF1', 50_000n],
    ['261121D000000000025,5N102EREF', -2550n],
  ])('%s', (text, amount) => {
    expect(readStatementLine(text, 'AED').amount).toBe(amount);
  });

  test('references of any length, with and without the bank’s, and with a name behind the padding', () => {
    const of = (text: string) => {
      const { ownerReference, bankReference, remainder } = readStatementLine(text, 'AED');
      return [ownerReference, bankReference, remainder];
    };
    expect(of('261121C1,00NTRFREF 1//BANK')).toEqual(['REF 1', 'BANK', '']);
    expect(of(`261121C1,00NTRF${'R'.repeat(35)}//${'B'.repeat(19)}`)).toEqual([
      'R'.repeat(35),
      'B'.repeat(19),
      '',
    ]);
    expect(of('261121C1,00N0440121470966      W.P. Jansen')).toEqual(['0121470966', '', 'W.P. Jansen']);
  });

  test('amounts keep the currency’s exponent', () => {
    expect(readStatementLine('261121C1,234NTRFX', 'KWD').amount).toBe(1234n);
    expect(() => readStatementLine('261121C1,234NTRFX', 'AED')).toThrow(/more than 2 digits/);
    expect(() => readStatementLine('261121C1,2NTRFX', 'JPY')).toThrow(/more than 0 digits/);
  });
});

describe('dates', () => {
  test.each([
    ['251231', '0102', '2026-01-02'],
    ['260102', '1231', '2025-12-31'],
    ['260630', '0701', '2026-07-01'],
    ['260228', '0230', '2026-02-28'],
  ])('value date %s, entry date %s', (value, entry, expected) => {
    expect(formatDay(readEntryDate(entry, readStatementDate(value)))).toBe(expected);
  });

  test('30 February is the last day of February; no other day that is not there passes', () => {
    expect(formatDay(readStatementDate('260230'))).toBe('2026-02-28');
    expect(formatDay(readStatementDate('280230'))).toBe('2028-02-29');
    expect(formatDay(readStatementDate('991231'))).toBe('1999-12-31');
    for (const text of ['260431', '261301', '260100', '260231']) {
      expect(() => readStatementDate(text)).toThrow(/is neither ISO 8601|not a date/);
    }
  });
});

describe('narratives', () => {
  const factsOf = (...lines: string[]) => {
    const facts = { references: {}, attributes: {} };
    readNarrative(lines, facts);
    return facts;
  };

  test('keys between slashes, cut anywhere by the line', () => {
    expect(factsOf('/TRTP/SEPA/IBAN/NL22ABNA0123456789/NAME/A B', 'C/REMI/INV/17/EREF/NOTPROVIDED')).toEqual({
      references: {},
      attributes: {
        transactionType: 'SEPA',
        counterpartyAccount: 'NL22ABNA0123456789',
        counterpartyName: 'A BC',
        remittance: 'INV/17',
      },
    });
  });

  test('numbered fields with SEPA keys', () => {
    expect(
      factsOf('166?00GUTSCHRIFT?109310?20EREF+E2E-1?21MREF+M1?22SVWZ+Invoice 7?30BIC?31IBAN?32NAME?33 LTD'),
    ).toEqual({
      references: { endToEndId: 'E2E-1', mandate: 'M1' },
      attributes: {
        transactionCode: '166',
        postingText: 'GUTSCHRIFT',
        primanota: '9310',
        remittance: 'Invoice 7',
        counterpartyBank: 'BIC',
        counterpartyAccount: 'IBAN',
        counterpartyName: 'NAME LTD',
      },
    });
  });

  test('free text says nothing', () => {
    expect(factsOf('PAYMENT 1/2 OF INVOICE')).toEqual({ references: {}, attributes: {} });
  });
});

describe('mt940', () => {
  test('makes a record of each line', async () => {
    const text = statement(
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
    const { records } = await read(statement([':61:2611251122C1,00NTRFX'], 'C261122AED1001,00'), {
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
    const text = statement([':61:2611211121C5,00NTRFA', ':61:2611211121C5,00NTRFA'], 'C261121AED1010,00');
    const { records } = await read(`${text}\n${text}`);
    expect(records.slice(2)).toEqual(records.slice(0, 2));
  });

  test('a statement that does not add up is a finding, before its records, and its records are there', async () => {
    const { records, findings, items } = await read(
      statement([':61:2611211121C5,00NTRFA'], 'C261121AED1004,00'),
    );
    expect(records).toHaveLength(1);
    expect(findings).toMatchObject([{ kind: 'balance', amount: 100, currency: 'AED', account: 'default' }]);
    expect(items[0]!.type).toBe('finding');
  });

  test('the balances of each page are told beside its records', async () => {
    const first = statement([':61:2611201120C500,00NTRFA//1'], 'C261120AED1500,00', '7');
    const second = statement([], 'D261121AED1,25', '8', 'C261121AED0,00');
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
      statement([':61:2611211121RC5,00NTRFA', ':61:2611211121RD7,00NTRFB'], 'C261121AED1002,00'),
    );
    expect(findings).toEqual([]);
  });

  test('envelopes, several statements, carriage returns, and missing :20:', async () => {
    const inner = statement([':61:2611211121C5,00NTRFA'], 'C261121AED1005,00')
      .replace(':20:REF\n', '')
      .replace(/\n-$/, '');
    const text = `{1:F01BANKAEAD}{2:I940BANKAEADN}{4:\n${inner}\n-}\n{1:F01BANKAEAD}{2:I940BANKAEADN}{4:\n${inner.replace('7/1', '8/1')}\n-}{5:}`;
    const { records, dead } = await read(text.replaceAll('\n', '\r\n'));
    expect(dead).toEqual([]);
    expect(records.map((record) => record.attributes['statement'])).toEqual(['7/1', '8/1']);
  });

  test('a line broken inside :61: is put together, and a bank reference on the next line is found', async () => {
    const { records } = await read(
      statement([':61:2611211121C5,0', '0NTRFA', ':61:2611211121C5,00NTRFB', '//BANK'], 'C261121AED1010,00'),
    );
    expect(records.map(({ amount, references }) => [amount, references])).toEqual([
      [500n, { reference: 'A' }],
      [500n, { reference: 'B', bankReference: 'BANK' }],
    ]);
  });

  test('a line broken more than once is put together whole, or is a dead letter with all its lines', async () => {
    const { records, dead } = await read(
      statement(
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
      statement(
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
      statement(
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
      statement([':61:261121C5,00NTRFA'], 'nonsense'),
      /:62F:nonsense is not a balance/,
    ],
    [
      'two currencies',
      statement([':61:261121C5,00NTRFA'], 'C261121USD5,00'),
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
    const text = statement([':61:261121C5,00NTRFA'], 'C261121AED1005,00');
    const known = await read(text, { accounts: { AE070331234567890123456: 'main' } });
    expect(known.records[0]!.account).toBe('main');
    const unknown = await read(text, { accounts: { OTHER: 'main' } });
    expect(unknown.dead).toMatchObject([{ code: 'unknownAccount' }]);
  });

  test('progress waits for every account of the map', async () => {
    const text = statement([], 'C261121AED1000,00');
    const accounts = { AE070331234567890123456: 'main', OTHER: 'other' };
    expect((await read(text, { accounts })).progress).toEqual([]);
    const both = `${text}\n${text.replace('AE070331234567890123456', 'OTHER').replace('C261121AED', 'C261120AED')}`;
    expect((await read(both, { accounts })).progress).toEqual([Date.parse('2026-11-20')]);
  });

  test('text in Latin-1 and in UTF-8', async () => {
    const text = statement([':61:261121C5,00NTRFA', ':86:Empfänger'], 'C261121AED1005,00');
    for (const encoding of ['latin1', 'utf8'] as const) {
      const { records } = await read(Buffer.from(text, encoding));
      expect(records[0]!.attributes['narrative']).toBe('Empfänger');
    }
  });
});

describe('a statement that is larger than the limits', () => {
  const lines = Array.from({ length: 30 }, (_, n) => `:61:261122C1,00NTRFR${n}`);
  const large = statement(
    [...lines, ':86:text', ':20:NOT A STATEMENT', ':62F:NOT A BALANCE', ...lines],
    'C261122AED1060,00',
    '1',
  );
  const small = statement([':61:261122C1,00NTRFA'], 'C261122AED1001,00', '2');

  async function readBounded(text: string, limits: StatementLimits): Promise<Translated[]> {
    const path = join(folder.path, 'bounded');
    await writeFile(path, text);
    const context: FileContext = {
      source: 'source',
      zone: new Zone('UTC'),
      accounts: new Accounts({}),
      notice: () => undefined,
      file: 'bank.sta',
    };
    const items: Translated[] = [];
    const settings = mt940.settings.parse({ path });
    for await (const batch of readMt940(path, context, settings, limits)) items.push(...batch);
    return items;
  }

  test.each([
    ['bytes', { bytes: 500, lines: 1e9 }],
    ['lines', { bytes: 1e9, lines: 20 }],
  ])('in %s is one dead letter as a whole, and reading goes on with the next', async (_, limits) => {
    const items = await readBounded(`${small}\n${large}\n${small}\n`, limits);
    expect(items.map((item) => item.type)).toEqual(['balance', 'record', 'deadLetter', 'balance', 'record']);
    expect(items[2]).toMatchObject({
      deadLetter: {
        code: 'malformedStatement',
        origin: { file: 'bank.sta', line: 8 },
        reason: expect.stringMatching(/larger than.*shorter periods/) as string,
        payload: expect.stringContaining(':25:AE070331234567890123456') as string,
      },
    });
  });

  test('without its end, or before one without :20:', async () => {
    const limits = { bytes: 500, lines: 1e9 };
    const cut = large.slice(0, large.indexOf(':62F:C'));
    expect((await readBounded(cut, limits)).map((item) => item.type)).toEqual(['deadLetter']);
    const next = small.replace(':20:REF\n', '');
    const items = await readBounded(`${large.replace(/\n-$/, '')}\n${next}\n`, limits);
    expect(items.map((item) => item.type)).toEqual(['deadLetter', 'balance', 'record']);
  });

  test('takes its later pages with it, because their ids count on from it', async () => {
    const page = large.replace(':62F:C', ':62M:C');
    const later = small.replace(':28C:2', ':28C:1').replace(':60F:', ':60M:');
    const items = await readBounded(`${page}\n${later}\n${small}\n`, { bytes: 500, lines: 1e9 });
    expect(items.map((item) => item.type)).toEqual(['deadLetter', 'deadLetter', 'balance', 'record']);
    expect(items[1]).toMatchObject({
      deadLetter: { reason: expect.stringMatching(/page before it \(line 1\)/) as string },
    });
  });
});
