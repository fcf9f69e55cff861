import { join } from 'node:path';
import { fc, test as propertyTest } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeadLetter, MoneyRecord } from '../../engine/domain/index.ts';
import type { FilePortion } from '../contract/index.ts';
import { readContent, sourceOf, temporaryFolder } from '../conformance/harness.ts';
import { LineReader } from '../contract/index.ts';
import type { Line } from '../contract/index.ts';
import { ndjsonSettings } from './settings.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

const FIELDS = { id: 'id', amount: 'amount', currency: 'currency', time: 'time' };
const GOOD = '{"id":"a","amount":1.00,"currency":"AED","time":"2026-11-22"}';

async function read(
  content: string | Uint8Array,
  settings: { readonly [setting: string]: unknown } = {},
): Promise<{ records: MoneyRecord[]; dead: DeadLetter[]; lines: (number | undefined)[] }> {
  const source = sourceOf('ndjson', { path: 'x', fields: FIELDS, ...settings });
  const items = await readContent(source, folder.path, content, 'f.ndjson');
  return {
    records: items.flatMap((item) => (item.type === 'record' ? [item.record] : [])),
    dead: items.flatMap((item) => (item.type === 'deadLetter' ? [item.deadLetter] : [])),
    lines: items.map((item) => (item.type === 'record' ? item.origin.line : undefined)),
  };
}

describe('ndjson', () => {
  test('reads nested fields by dotted paths, with the mapping that csv has', async () => {
    const line = JSON.stringify({
      batch: { no: 7, seq: 1 },
      what: 'SALE',
      dc: 'D',
      money: { gross: '1.234,50', costs: ['-30,00', '-1,50'], net: '1.203,00' },
      at: { day: '22/11/2026', clock: '23:30' },
      order: { ref: 'O-1', paid: true },
    });
    const settings = {
      fields: {
        id: ['batch.no', 'batch.seq'],
        amount: 'money.gross',
        fee: 'money.costs[0]',
        tax: 'money.costs[1]',
        net: 'money.net',
        time: ['at.day', 'at.clock'],
        kind: 'what',
        reference: 'order.ref',
        'attributes.paid': 'order.paid',
      },
      currency: 'AED',
      direction: { path: 'dc', adds: ['C'], subtracts: ['D'] },
      numbers: { decimal: ',', thousands: '.' },
      signs: { fee: 'balance', tax: 'balance' },
      times: { time: { format: 'dd/MM/yyyy HH:mm', zone: 'Asia/Dubai' } },
      kinds: { SALE: 'charge' },
      constants: { 'attributes.acquirer': 'acme' },
    };
    const { records, dead } = await read(`${line}\n`, settings);
    expect(dead).toMatchObject([{ code: 'netMismatch' }]);
    expect(records).toEqual([]);
    const good = await read(line.replace('1.203,00', '1.266,00'), settings);
    expect(good.records).toMatchObject([
      {
        id: '7:1',
        kind: 'charge',
        references: { reference: 'O-1' },
        amount: -123450n,
        fee: 3000n,
        tax: 150n,
        time: Date.parse('2026-11-22T19:30:00Z'),
        attributes: { acquirer: 'acme', paid: 'true' },
      },
    ]);
  });

  test('two sides, of which one is null', async () => {
    const { records } = await read(
      '{"id":"a","in":null,"out":5.00,"time":"2026-11-22"}\n{"id":"b","in":"7","time":"2026-11-22"}\n',
      { fields: { id: 'id', time: 'time' }, sides: { adds: 'in', subtracts: 'out' }, currency: 'AED' },
    );
    expect(records.map(({ id, amount }) => [id, amount])).toEqual([
      ['a', -500n],
      ['b', 700n],
    ]);
  });

  test('keeps every digit of a number', async () => {
    const { records } = await read(
      GOOD.replace('1.00', '90071992547409.91').replace('"a"', '12345678901234567890'),
    );
    expect(records).toMatchObject([{ id: '12345678901234567890', amount: 9007199254740991n }]);
  });

  test('without a path for it, the id is file and line', async () => {
    const { amount, currency, time } = FIELDS;
    const { records } = await read(`${GOOD}\n\n \r\n${GOOD}`, { fields: { amount, currency, time } });
    expect(records.map(({ id }) => id)).toEqual(['f.ndjson:1', 'f.ndjson:4']);
  });

  test('passes over a byte order mark and blank lines, whatever ends a line', async () => {
    for (const end of ['\n', '\r\n']) {
      const { records, lines } = await read(`\uFEFF${GOOD}${end}${end}${GOOD.replace('"a"', '"b"')}`);
      expect(records.map(({ id }) => id)).toEqual(['a', 'b']);
      expect(lines).toEqual([1, 3]);
    }
  });

  test.each<[string, string, RegExp]>([
    ['{"id":"x",', 'malformedRow', /^the line is no JSON/],
    [`${GOOD}${GOOD}`, 'malformedRow', /no JSON/],
    [`[${GOOD}]`, 'invalidRecord', /holds a list/],
    ['5', 'invalidRecord', /single value/],
    ['null', 'invalidRecord', /single value/],
    [GOOD.replace('"a"', 'null'), 'invalidField', /^id is empty/],
    [GOOD.replace('"a"', '{}'), 'invalidField', /^id: at id stands an object/],
    [GOOD.replace('1.00', '1e2'), 'invalidAmount', /1e2/],
    [GOOD.replace('1.00', '1.005'), 'invalidAmount', /more than 2 digits/],
    [GOOD.replace('AED', 'ZZZ'), 'unknownCurrency', /ZZZ/],
    [GOOD.replace('2026-11-22', 'now'), 'invalidTime', /now/],
  ])(
    'the line %s is a dead letter with its line, and those around it are read',
    async (line, code, reason) => {
      const { records, dead } = await read(`${GOOD}\n${line}\n${GOOD.replace('"a"', '"b"')}\n`);
      expect(records.map(({ id }) => id)).toEqual(['a', 'b']);
      expect(dead).toMatchObject([{ code, payload: line, origin: { file: 'f.ndjson', line: 2 } }]);
      expect(dead[0]!.reason).toMatch(reason);
    },
  );

  test('bytes that are not UTF-8 cost their own line', async () => {
    const bytes = Buffer.from(`${GOOD}\n${GOOD.replace('"a"', '"caf\xe9"')}\n${GOOD}\n`, 'latin1');
    const { records, dead } = await read(bytes);
    expect(records).toHaveLength(2);
    expect(dead).toMatchObject([{ code: 'malformedRow', reason: /not UTF-8/, origin: { line: 2 } }]);
  });

  test('of a growing file the last line is left until it has its end, and reading goes on in the middle', async () => {
    const source = sourceOf('ndjson', { path: 'x', fields: FIELDS });
    const content = `${GOOD}\n\n${GOOD}\n${GOOD}`;
    await readContent(source, folder.path, content, 'f.ndjson');
    const lines = async (portion: FilePortion): Promise<(number | undefined)[]> => {
      const found: (number | undefined)[] = [];
      for await (const batch of source.readFile(join(folder.path, 'content'), 'f.ndjson', portion)) {
        for (const item of batch) found.push(item.type === 'record' ? item.origin.line : undefined);
      }
      return found;
    };
    expect(await lines({ growing: true })).toEqual([1, 3]);
    const from = { offset: GOOD.length + 2, line: 3 };
    expect(await lines({ from })).toEqual([3, 4]);
    expect(await lines({ from, growing: true, size: content.length - 1 })).toEqual([3]);
  });

  test('a line without end is one dead letter, and memory stays bounded', async () => {
    const { records, dead } = await read(`${GOOD}\n"${'x'.repeat(5_000_000)}"\n${GOOD}\n`);
    expect(records).toHaveLength(2);
    expect(dead).toMatchObject([
      { code: 'malformedRow', reason: /longer than 1048576 bytes/, origin: { line: 2 } },
    ]);
    expect((await read('x'.repeat(3_000_000))).dead).toHaveLength(1);
  });

  test.each([
    [{ fields: { id: 'id', time: 'time' }, currency: 'AED' }, /no path for amount/],
    [{ fields: { amount: 'a' }, currency: 'AED' }, /no path for time/],
    [{ fields: { amount: 'a', time: 't' } }, /no path for currency/],
    [{ fields: { amount: ['a', 'b'], time: 't' }, currency: 'AED' }, /only those of an id or a time/],
  ])('settings %j are refused', (settings, message) => {
    expect(ndjsonSettings.safeParse({ path: 'x', ...settings }).error?.message).toMatch(message);
  });
});

describe('lines', () => {
  const text = fc
    .array(fc.constantFrom('', ' ', '{}', '{"a":"é"}', '\r', '"\\n"', '\uFEFF1'), { maxLength: 12 })
    .map((lines) => lines.join('\n'));

  function linesOf(content: string, cuts: readonly number[]): Line[] {
    const bytes = Buffer.from(content);
    const reader = new LineReader();
    const lines: Line[] = [];
    let from = 0;
    for (const cut of [...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
      lines.push(...reader.push(bytes.subarray(from, cut)));
      from = cut;
    }
    return [...lines, ...reader.end()];
  }

  propertyTest.prop([text, fc.array(fc.nat(), { maxLength: 5 })])(
    'are the same wherever the file is cut, and stand at their offset and line',
    (content, cuts) => {
      const lines = linesOf(content, cuts);
      expect(lines).toEqual(linesOf(content, []));
      const bytes = Buffer.from(content);
      for (const { offset, line } of lines) {
        expect(bytes.subarray(0, offset).toString().split('\n').length).toBe(line);
        expect(offset === 0 || bytes[offset - 1] === 10).toBe(true);
      }
      const wanted = content.split('\n').filter((each) => /\S/.test(each.replace(/^\uFEFF/, '')));
      expect(lines).toHaveLength(wanted.length);
    },
  );
});
