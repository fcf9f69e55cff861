import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { formatDay } from '../../engine/domain/index.ts';
import { readEntryDate, readStatementDate } from './dates.ts';
import { isStatementLine, readStatementLine } from './grammar.ts';
import { readNarrative } from './narrative.ts';

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

  // The grammar in one expression: value date, entry date or blanks, mark, letter of the currency, amount, type.
  const LINE = /^\d{6}(?:\d{4}| {4})?(R[CD]|E[CD]|[CD])[A-Z]?(\d{1,18}(?:,\d*)?)[A-Z][A-Z0-9]{3}/;
  const part = fc.constantFrom(
    ...[
      '261121',
      '1121',
      '    ',
      'C',
      'D',
      'R',
      'E',
      'RC',
      'RD',
      'ED',
      'CD',
      '1',
      '12,30',
      '1,',
      ',',
      '000000000000000001',
    ],
    ...['12345678901234567', 'NTRF', 'N051', 'S103', 'ntrf', 'N', ' ', 'REF//B'],
  );
  propertyTest.prop(
    [
      fc.oneof(
        fc.array(part, { maxLength: 7 }).map((parts) => `261121${parts.join('')}`),
        fc.stringMatching(/^2611(?:21)?(?:1121| {4})?[CDRE]{1,2}[A-Z]?[0-9]{1,19},?[0-9]{0,3}[A-Z0-9]{2,5}$/),
      ),
    ],
    { numRuns: 2000 },
  )('are told from other texts, and the amount and mark found, as the grammar says', (text) => {
    const parts = LINE.exec(text);
    expect(isStatementLine(text)).toBe(parts !== null);
    if (parts === null) return;
    const [whole, fraction = ''] = parts[2]!.split(',');
    if (fraction.length > 3 || whole!.length > 12) return;
    let line;
    try {
      line = readStatementLine(text, 'KWD');
    } catch {
      // An entry date may be none.
      return;
    }
    const unsigned = BigInt(whole! + fraction.padEnd(3, '0'));
    expect([line.mark, line.amount < 0n ? -line.amount : line.amount]).toEqual([parts[1], unsigned]);
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
    readNarrative(lines.join(''), facts);
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

  test('keys are capitals as they are written, not what has the same bits', () => {
    const text = '/IBAN/A/\u{145}REF/1/eref/2/\0ID/3/ID /4//5/ID/6';
    expect(factsOf(text)).toEqual({
      references: {},
      attributes: { counterpartyAccount: 'A/\u{145}REF/1/eref/2/\0ID/3/ID /4//5' },
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
