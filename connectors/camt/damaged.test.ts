import { describe, expect, test } from 'vitest';
import {
  camtMessage as message,
  entryText as entry,
  statementOf as statement,
} from '../conformance/camt-message.ts';
import { readCamtText as read } from '../conformance/read-camt.ts';

const good = message('053', '08', statement(entry('1') + entry('2') + entry('3')));
const third = good.lastIndexOf('<Ntry>');

describe('damaged XML', () => {
  test.each([
    ['cut off', good.slice(0, third + 30), /unclosed tag|unexpected end/],
    [
      'another tag closed',
      `${good.slice(0, third)}${good.slice(third).replace('</Sts>', '</Stz>')}`,
      /unexpected close tag/,
    ],
    [
      'an entity nobody defined',
      `${good.slice(0, third)}${good.slice(third).replace('>3<', '>&three;<')}`,
      /undefined entity/,
    ],
    [
      'a control character',
      `${good.slice(0, third)}${good.slice(third).replace('>3<', '>3\0<')}`,
      /disallowed character/,
    ],
  ])('%s: the records before it and one dead letter', async (_, content, reason) => {
    const { records, dead, progress, balances } = await read(content);
    expect(records.map(({ amount }) => amount)).toEqual([100n, 200n]);
    expect([progress, balances]).toEqual([[], []]);
    expect(dead).toMatchObject([{ code: 'malformedStatement', origin: { offset: third, line: 2 } }]);
    expect(dead[0]!.reason).toMatch(
      /^the XML cannot be read from line 2 on: .*have the bank send the file again$/,
    );
    expect(dead[0]!.reason).toMatch(reason);
    expect(dead[0]!.payload.startsWith('<Ntry><Amt Ccy="AED">')).toBe(true);
  });

  test('a document type is refused, and nothing of it is expanded', async () => {
    const bomb = '<!DOCTYPE d [<!ENTITY a "1"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>';
    const { items } = await read(good.replace('<Document', `${bomb}<Document`).replace('>3<', '>&b;<'));
    expect(items).toMatchObject([
      {
        type: 'deadLetter',
        deadLetter: { reason: expect.stringMatching(/document type \(DOCTYPE\)/) as string },
      },
    ]);
  });

  test.each([
    ['text', 'date;amount\n2026-11-22;1\n', /cannot be read from line 3 on: text data outside/],
    ['other XML', '<a><b/></a>', /no statement in it/],
    ['a message without statements', message('053', '08'), /no statement in it/],
    ['UTF-16', Buffer.from(good, 'utf16le'), /UTF-16/],
    ['version 01', message('053', '01', statement(entry('1'))), /camt.053.001.01; versions from 02 on/],
    ['elements in each other', '<a>'.repeat(100), /more than 64 deep/],
    ['a text without end', `<a>${'x'.repeat(2_000_000)}`, /larger than 1048576 bytes/],
    ['a tag without end', `<a ${'b="c" '.repeat(400_000)}`, /larger than 1048576 bytes/],
    [
      'a document type without end',
      `<!DOCTYPE a [${'<!ENTITY b "c">'.repeat(100_000)}`,
      /larger than 1048576 bytes/,
    ],
  ])('%s is one dead letter', async (_, content, reason) => {
    const { items, dead } = await read(content);
    expect(items).toHaveLength(1);
    expect(dead[0]!.reason).toMatch(reason);
  });

  test('an empty file is nothing', async () => {
    expect((await read('')).items).toEqual([]);
  });

  test('a field that is too long is cut, and its record is there', async () => {
    const inside = `<NtryDtls><TxDtls><RmtInf><Ustrd>${'x'.repeat(100_000)}</Ustrd></RmtInf></TxDtls></NtryDtls>`;
    const { records, dead } = await read(message('053', '08', statement(entry('1', { inside }))));
    expect(dead).toEqual([]);
    expect(records[0]!.attributes['remittance']).toHaveLength(16_384);
  });
});
