import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { netOf } from '../../engine/domain/index.ts';
import { readContent, sourceOf, temporaryFolder } from '../conformance/harness.ts';
import { sortItems } from '../conformance/sorted-items.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

async function read(content: string, settings: { readonly [setting: string]: unknown } = {}) {
  const source = sourceOf('mt103', { path: 'x', ...settings });
  const items = sortItems(await readContent(source, folder.path, content, 'wires.fin'));
  return { ...items, notices: source.notices };
}

const UETR = '174f7d6a-0b4c-4c2e-9d3f-5a1f0e2b7c11';
const IN = '{2:O1030919261122SENDDEFFAXXX00000000002611221201N}';
const OUT = '{2:I103BENEGB2LXXXXN}';
const TEXT = [
  ':20:REF1',
  ':23B:CRED',
  ':32A:261122AED990,00',
  ':33B:AED1000,00',
  ':50K:/DE02120300000000202051',
  'PAYER GMBH',
  'BERLIN',
  ':52A:SENDDEFFXXX',
  ':59:/AE070331234567890123456',
  'SHOP LLC',
  ':70:/INV/4711',
  'NOVEMBER',
  ':71A:SHA',
  ':71F:AED10,00',
];

/** A message with other fields in place of those of the same tag; an empty one takes its field away. */
function message(header: string, ...others: readonly string[]): string {
  const tagOf = (line: string): string => /^:\d\d[A-Z]?:/.exec(line)?.[0] ?? '';
  const replaced = new Set(others.map(tagOf));
  const kept = TEXT.filter((line) => !replaced.has(tagOf(line)) || tagOf(line) === '');
  const added = others.filter((line) => line !== tagOf(line));
  return `{1:F01SHOPAEADAXXX0000000000}${header}{3:{108:MUR1}{121:${UETR}}}{4:\n${[...kept, ...added].join('\n')}\n-}{5:{CHK:0123456789AB}}\n`;
}

describe('a transfer', () => {
  test('is a record with its references, its parties and its charges', async () => {
    const { records, dead, findings } = await read(message(IN), { zone: 'Asia/Dubai' });
    expect([dead, findings]).toEqual([[], []]);
    expect(records).toEqual([
      {
        source: 'source',
        id: `${UETR}/REF1/incoming`,
        account: 'default',
        kind: 'bank',
        status: 'booked',
        currency: 'AED',
        amount: 100_000n,
        fee: 1000n,
        tax: 0n,
        time: Date.UTC(2026, 10, 21, 20),
        precision: 'day',
        offsetMinutes: 240,
        valueDate: 20_779,
        references: {
          reference: 'REF1',
          uetr: UETR,
          remittance: '/INV/4711 NOVEMBER',
          orderingAccount: 'DE02120300000000202051',
          beneficiaryAccount: 'AE070331234567890123456',
        },
        attributes: {
          type: 'MT103',
          direction: 'incoming',
          counterpartyName: 'PAYER GMBH',
          counterpartyAccount: 'DE02120300000000202051',
          counterpartyBank: 'SENDDEFFXXX',
          senderBank: 'SENDDEFF',
          operation: 'CRED',
          chargesBearer: 'SHA',
          instructed: '1000.00 AED',
          sendersCharges: '10.00 AED',
        },
      },
    ]);
  });

  test.each<[string, string, string[], bigint, bigint, number]>([
    // What comes in.
    ['shared charges', IN, [], 100_000n, 1000n, 0],
    ['charges of two banks', IN, [':71F:AED6,', ':71F:AED4,00'], 100_000n, 1000n, 0],
    ['no charges', IN, [':71F:', ':33B:'], 99_000n, 0n, 0],
    ['charges of nothing', IN, [':71F:AED0,', ':33B:AED990,'], 99_000n, 0n, 0],
    ['without the instructed amount', IN, [':33B:'], 100_000n, 1000n, 0],
    ['prepaid for us', IN, [':71A:OUR', ':71F:', ':71G:AED15,', ':32A:261122AED1015,'], 100_000n, 0n, 0],
    [
      'prepaid, billed apart',
      IN,
      [':71A:OUR', ':71F:', ':71G:AED15,', ':32A:261122AED1000,'],
      100_000n,
      0n,
      0,
    ],
    ['charges in another currency', IN, [':71F:EUR3,', ':33B:EUR250,'], 99_000n, 0n, 0],
    ['short without a reason', IN, [':71F:'], 99_000n, 0n, 1000],
    ['short of more than the charges', IN, [':71F:AED4,'], 99_000n, 0n, 600],
    ['more than was instructed', IN, [':71F:', ':33B:AED900,'], 99_000n, 0n, -9000],
    // What goes out: the account is debited what was instructed, and what was prepaid.
    ['out, shared charges', OUT, [], -99_000n, 1000n, 0],
    ['out, no charges', OUT, [':71F:', ':33B:'], -99_000n, 0n, 0],
    ['out, prepaid', OUT, [':71A:OUR', ':71F:', ':71G:AED15,', ':32A:261122AED1015,'], -100_000n, 1500n, 0],
    ['out, short without a reason', OUT, [':71F:'], -99_000n, 0n, 1000],
  ])('with %s', async (_, header, others, amount, fee, residual) => {
    const { records, dead, findings } = await read(message(header, ...others));
    expect(dead).toEqual([]);
    expect(records.map((record) => [record.amount, record.fee])).toEqual([[amount, fee]]);
    expect(findings.map((finding) => finding.amount)).toEqual(residual === 0 ? [] : [residual]);
    // What the balance changes by is never more than what was settled with all charges.
    expect(netOf(records[0]!) > 0n).toBe(header === IN);
  });

  test('in another currency has what was instructed as the original', async () => {
    const { records } = await read(message(IN, ':33B:EUR250,00', ':36:3,96', ':71F:'));
    expect(records[0]).toMatchObject({
      amount: 99_000n,
      original: { amount: 25_000n, currency: 'EUR' },
      attributes: { exchangeRate: '3.96', instructed: '250.00 EUR' },
    });
    const out = await read(message(OUT, ':33B:EUR250,00', ':71F:'));
    expect(out.records[0]!.original).toEqual({ amount: -25_000n, currency: 'EUR' });
  });

  test.each([
    [':59F:/AE0703\n1/SHOP\n1/AND MORE\n2/STREET\n3/AE/DUBAI', 'AE0703', 'SHOP AND MORE'],
    [':59A:/AE0703\nSHOPAEADXXX', 'AE0703', 'SHOPAEADXXX'],
    [':59:SHOP WITHOUT ACCOUNT', undefined, 'SHOP WITHOUT ACCOUNT'],
  ])('knows parties by every option: %j', async (field, account, name) => {
    const content = message(OUT).replace(':59:/AE070331234567890123456\nSHOP LLC', field);
    const { records } = await read(content);
    expect(records[0]!.references['beneficiaryAccount']).toBe(account);
    expect(records[0]!.attributes['counterpartyName']).toBe(name);
  });

  test('is in the account of its own party', async () => {
    const accounts = { AE070331234567890123456: 'shop', DE02120300000000202051: 'payer' };
    const both = await read(message(IN) + message(OUT), { accounts });
    expect(both.records.map(({ account }) => account)).toEqual(['shop', 'payer']);
    const { records, dead } = await read(message(IN), { accounts: { OTHER: 'shop' } });
    expect(records).toEqual([]);
    expect(dead.map(({ code }) => code)).toEqual(['unknownAccount']);
  });
});

describe('messages in a file', () => {
  const ids = async (content: string, settings = {}): Promise<string[]> =>
    (await read(content, settings)).records.map(({ id }) => id);

  test.each([
    ['with line feeds', (one: string) => one],
    ['with carriage returns', (one: string) => one.replaceAll('\n', '\r\n')],
    ['behind each other', (one: string) => one.replace(/\n$/, '')],
    ['parted by $', (one: string) => one.replace(/\n$/, '$\n')],
    ['with a trailer of its own line', (one: string) => one.replace('-}{5', '-}\n{5')],
    ['with control characters around', (one: string) => `\x01${one.replace(/\n$/, '\x03')}`],
    ['with headers in lines', (one: string) => one.replace('{2:', '\n{2:').replace('{3:', '\n{3:')],
  ])('stand %s', async (_, form) => {
    const second = message(IN, ':20:REF2');
    expect(await ids(form(message(IN)) + form(second))).toEqual([
      `${UETR}/REF1/incoming`,
      `${UETR}/REF2/incoming`,
    ]);
  });

  test('have the place where they begin', async () => {
    const source = sourceOf('mt103', { path: 'x' });
    const first = message(IN).replace(/\n$/, '');
    const items = await readContent(source, folder.path, first + message(IN, ':20:REF2'), 'f');
    expect(items.map((item) => ('origin' in item ? item.origin : undefined))).toEqual([
      { file: 'f', line: 1, offset: 0, ordinal: 0 },
      { file: 'f', line: first.split('\n').length, offset: first.length, ordinal: 0 },
    ]);
  });

  test('without UETR are known by sender and day', async () => {
    const content = message(IN).replace(`{121:${UETR}}`, '');
    expect(await ids(content)).toEqual(['SENDDEFF/2026-11-22/REF1/incoming']);
    const out = message(OUT).replace(`{121:${UETR}}`, '');
    expect(await ids(out)).toEqual(['SHOPAEAD/2026-11-22/REF1/outgoing']);
  });

  test('may have no headers, where the settings say the direction', async () => {
    const bare = [TEXT.join('\n'), '-', TEXT.join('\n').replace('REF1', 'REF2'), ''].join('\n');
    expect(await ids(bare, { direction: 'outgoing' })).toEqual([
      '/2026-11-22/REF1/outgoing',
      '/2026-11-22/REF2/outgoing',
    ]);
    const { records, dead } = await read(bare);
    expect(records).toEqual([]);
    expect(dead.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("set the source's direction"),
      expect.stringContaining("set the source's direction"),
    ]);
  });

  test('of other types are passed over, which is told', async () => {
    const content = message(IN) + message(IN.replace('103', '202')) + message(IN, ':20:REF2');
    const { records, dead, notices } = await read(content);
    expect([records.length, dead]).toEqual([2, []]);
    expect(notices).toEqual(['wires.fin: messages of other types (MT 202) are passed over']);
  });

  test.each([
    ['no settled amount', message(IN, ':32A:'), 'no settled amount'],
    ['two settled amounts', message(IN, ':32A:261122AED1,\n:32A:261122AED2,'), 'more than once|only one'],
    ['a misshapen amount', message(IN, ':32A:261122AED1.5'), 'not of the form'],
    ['an amount over two lines', message(IN, ':32A:261122AED990,\n50'), 'not of the form'],
    ['charges over two lines', message(IN, ':71F:AED1\n0,'), 'not of the form'],
    ['two headers', message(IN + OUT), 'no header'],
    ['too many decimals', message(IN, ':32A:261122AED1,555'), 'more than 2 digits'],
    ['a day that does not exist', message(IN, ':32A:261322AED1,'), '261322'],
    ['no reference', message(IN, ':20:'), "sender's reference"],
    ['no end', message(IN).slice(0, -40), 'no end'],
    ['no message at all', 'id,amount\n1,2\n', 'is it MT103'],
    ['a message that is too large', message(IN, `:72:${'/ACC/x\n'.repeat(12_000)}`), 'larger than'],
  ])('with %s are dead letters, and the next is read', async (_, content, reason) => {
    const { records, dead } = await read(content + message(IN, ':20:REF2'));
    const isFileOfOthers = reason === 'is it MT103';
    expect(records.map(({ references }) => references['reference'])).toEqual(['REF2']);
    if (isFileOfOthers) return;
    expect(dead).toHaveLength(1);
    expect(dead[0]!.reason).toMatch(new RegExp(reason));
    expect(dead[0]!.payload).toContain('{1:F01');
  });

  test('that are none are one dead letter, and an empty file is nothing', async () => {
    const { records, dead } = await read('id,amount\n1,2\n');
    expect(records).toEqual([]);
    expect(dead.map(({ reason }) => reason)).toEqual([expect.stringContaining('is it MT103?')]);
    expect((await read('')).dead).toEqual([]);
  });
});
