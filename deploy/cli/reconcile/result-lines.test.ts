import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMinor } from '../../../engine/domain/index.ts';
import type { Match } from '../../../engine/domain/index.ts';
import { breakLine, deadLetterLine, decimal, findingLine, matchLine } from './result-lines.ts';

describe('a result line', () => {
  it('writes amounts exactly', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('AED', 'KWD', 'JPY'), (minor, currency) => {
        const exponent = { AED: 2, KWD: 3, JPY: 0 }[currency];
        expect(decimal(minor, currency)).toBe(formatMinor(minor, exponent));
      }),
    );
    expect([0, 5, -5, 10, -1230, 123456].map((minor) => decimal(minor, 'AED'))).toEqual([
      '0.00',
      '0.05',
      '-0.05',
      '0.10',
      '-12.30',
      '1234.56',
    ]);
  });

  it('has the fields of a match in their order, and survives any id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme-composite' }), (left, right) => {
        const match: Match = {
          sequence: 9,
          n: 0,
          logTime: 0,
          matchSequence: 9,
          matchN: 2,
          version: 1,
          state: 'matched',
          reconciliation: 'r',
          pools: ['a', 'b'],
          rule: 'one',
          fields: ['reference', 'amount ± 0.50'],
          account: 'x',
          currency: 'AED',
          legs: [
            { side: 'left', source: 's', id: left, sequence: 1, ordinal: 0, allocated: 1230 },
            { side: 'right', source: 't', id: right, sequence: 2, ordinal: 0, allocated: 1200 },
          ],
          difference: 30,
          causes: { tolerance: 30 },
          lagMs: 5,
        };
        const parsed = JSON.parse(matchLine(match)) as object;
        expect(parsed).toEqual({
          type: 'match',
          matchId: '0-0-9-2',
          version: 1,
          reconciliation: 'r',
          rule: 'one',
          fields: ['reference', 'amount ± 0.50'],
          left: [left],
          right: [right],
          legs: [
            { side: 'left', id: left, allocated: '12.30' },
            { side: 'right', id: right, allocated: '12.00' },
          ],
          difference: '0.30',
          causes: { tolerance: '0.30' },
          currency: 'AED',
        });
        expect(Object.keys(parsed).join()).toBe(
          'type,matchId,version,reconciliation,rule,fields,left,right,legs,difference,causes,currency',
        );
      }),
    );
  });

  it('shows the legs of a converted match in their own currency, with the rate, and that it was undone', () => {
    const leg = { source: 's', sequence: 1, ordinal: 0 };
    const line = matchLine({
      sequence: 9,
      n: 0,
      logTime: 0,
      matchSequence: 9,
      matchN: 0,
      version: 2,
      state: 'unmatched',
      reconciliation: 'r',
      pools: ['a', 'b'],
      rule: 'fx',
      fields: ['reference'],
      account: 'x',
      currency: 'KWD',
      leftCurrency: 'AED',
      legs: [
        { ...leg, side: 'left', id: 'l1', allocated: 1001 },
        { ...leg, side: 'left', id: 'l2', allocated: 1001 },
        { ...leg, side: 'right', id: 'k', allocated: 1680 },
      ],
      difference: -3,
      causes: { fx: -3, fee: 0 },
      rate: '0.0837',
      lagMs: 0,
    });
    expect(JSON.parse(line)).toMatchObject({
      state: 'unmatched',
      left: ['l1', 'l2'],
      legs: [
        { id: 'l1', allocated: '10.01', currency: 'AED' },
        { id: 'l2', allocated: '10.01', currency: 'AED' },
        { side: 'right', id: 'k', allocated: '1.680' },
      ],
      causes: { fx: '-0.003' },
      rate: '0.0837',
    });
  });

  it('shows a break with the reason of its own currency', () => {
    expect(
      breakLine({
        breakSequence: 4,
        breakN: 1,
        version: 2,
        state: 'open',
        reconciliation: 'r',
        kind: 'amount',
        members: [
          { side: 'right', id: 'b' },
          { side: 'left', id: 'a' },
        ],
        amount: -5,
        currency: 'KWD',
        why: { rule: 'one', condition: 'amount', difference: -5, tolerance: 0 },
        reason: '',
      }),
    ).toBe(
      '{"type":"break","breakId":"0-0-4-1","version":2,"reconciliation":"r","kind":"amount","left":["a"],"right":["b"],' +
        '"amount":"-0.005","currency":"KWD","why":{"rule":"one","condition":"amount","difference":"-0.005","tolerance":"0.000"}}',
    );
  });

  it('leaves out what a dead letter or a finding does not say', () => {
    expect(deadLetterLine({ source: 's', code: 'invalidAmount', reason: 'because' })).toBe(
      '{"type":"deadLetter","source":"s","code":"invalidAmount","reason":"because"}',
    );
    const about = {
      kind: 'balance',
      source: 's',
      recordId: '',
      account: '',
      currency: '',
      amount: 0,
    } as const;
    expect(findingLine({ ...about, message: 'm' })).toBe(
      '{"type":"finding","kind":"balance","source":"s","message":"m"}',
    );
  });
});
