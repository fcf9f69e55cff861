import { describe, expect, it } from 'vitest';
import { DAY_MS, parseDay } from '../domain/index.ts';
import type { Exchange } from '../domain/index.ts';
import { convert, parseRate, publishedRate } from './exchange.ts';

describe('an amount in another currency', () => {
  it.each([
    ['three of 10.01 USD', 3003, '3.6725', 'USD', 'AED', 11_029],
    ['the same, negative', -3003, '3.6725', 'USD', 'AED', -11_029],
    ['half a fils up', 1, '0.5', 'USD', 'AED', 1],
    ['half a fils away from zero', -1, '0.5', 'USD', 'AED', -1],
    ['less than half', 1, '0.499999999999', 'USD', 'AED', 0],
    ['into three decimals', 1000, '0.3077', 'USD', 'KWD', 3077],
    ['from three decimals', 3077, '3.25', 'KWD', 'USD', 1000],
    ['into none', 1005, '100', 'USD', 'JPY', 1005],
    ['into none, rounded', 1005, '153.30', 'USD', 'JPY', 1541],
    ['from none', 1541, '0.0065', 'JPY', 'USD', 1002],
    ['more than a double holds', Number.MAX_SAFE_INTEGER, '1000', 'JPY', 'AED', Number.MAX_SAFE_INTEGER],
  ])('of %s', (_what, minor, rate, from, to, expected) => {
    expect(convert(minor, rate, from, to)).toBe(expected);
  });
});

describe('a rate that a record states', () => {
  it('is a decimal above 0', () => {
    expect(parseRate('3.6725')).toBe('3.6725');
    expect(parseRate('000.10')).toBe('000.10');
    for (const text of ['', '0', '0.00', '-1', '+1', '1.', '.5', '1e3', ' 1', '3,67', '1234567890123']) {
      expect(parseRate(text)).toBeUndefined();
    }
  });
});

describe('a published rate', () => {
  const fx: Exchange = { from: 'USD', to: 'AED', rate: { table: 'cbuae' }, maxAge: 4 * DAY_MS };
  const row = (date: string, rate: string, from = 'USD') => ({ from, to: 'AED', date, rate });
  const rates = [row('2026-11-20', '3.6730'), row('2026-11-18', '3.6725'), row('2026-11-23', '4.2', 'EUR')];
  const on = (day: string, of = fx) => publishedRate(rates, of, parseDay(day));

  it('is the newest on the day or before it', () => {
    expect(on('2026-11-17')).toBeUndefined();
    expect(on('2026-11-18')).toBe('3.6725');
    expect(on('2026-11-19')).toBe('3.6725');
    expect(on('2026-11-20')).toBe('3.6730');
    expect(on('2026-11-24')).toBe('3.6730');
  });

  it('is no older than maxAge, in whole days', () => {
    expect(on('2026-11-25')).toBeUndefined();
    expect(on('2026-11-21', { ...fx, maxAge: DAY_MS - 1 })).toBeUndefined();
    expect(on('2026-11-20', { ...fx, maxAge: 0 })).toBe('3.6730');
  });

  it('is of its pair of currencies, and of the later line for one date', () => {
    expect(on('2026-11-23', { ...fx, from: 'EUR' })).toBe('4.2');
    expect(on('2026-11-23', { ...fx, from: 'GBP' })).toBeUndefined();
    expect(publishedRate(undefined, fx, 20_000)).toBeUndefined();
    expect(publishedRate([...rates, row('2026-11-20', '3.7')], fx, parseDay('2026-11-20'))).toBe('3.7');
  });
});
