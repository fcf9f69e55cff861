import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { RateLimits, TokenBucket } from './rate-limits.ts';
import { retryAfterMs } from './retry-after.ts';

describe('Retry-After', () => {
  const now = Date.UTC(2026, 10, 23, 8, 0, 0);
  const date = 'Mon, 23 Nov 2026 08:00:00 GMT';

  it.each<[string | undefined, string | undefined, number | undefined]>([
    ['0', undefined, 0],
    ['120', undefined, 120_000],
    [' 5 ', undefined, 5000],
    ['0.25', undefined, 250],
    ['Mon, 23 Nov 2026 08:01:00 GMT', undefined, 60_000],
    // A server whose clock is an hour ahead.
    ['Mon, 23 Nov 2026 09:01:00 GMT', 'Mon, 23 Nov 2026 09:00:00 GMT', 60_000],
    ['Mon, 23 Nov 2026 07:00:00 GMT', date, 0],
    ['Mon, 23 Nov 2026 08:01:00 GMT', 'yesterday', 60_000],
    ['-1', undefined, undefined],
    ['soon', undefined, undefined],
    ['', undefined, undefined],
    ['2026-11-23T08:01:00Z', undefined, undefined],
    ['1e3', undefined, undefined],
    [undefined, undefined, undefined],
  ])('%s with the date %s', (value, sent, expected) => {
    expect(retryAfterMs({ 'retry-after': value, date: sent }, now)).toBe(expected);
  });
});

describe('a token bucket', () => {
  test.prop([
    fc.record({
      perSecond: fc.integer({ min: 1, max: 100 }),
      burst: fc.integer({ min: 1, max: 50 }),
      gaps: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 120 }),
    }),
  ])('never gives more turns in any time than rate and burst allow, nor keeps one back', (limits) => {
    const bucket = new TokenBucket(limits);
    const turns: number[] = [];
    let now = 0;
    for (const gap of limits.gaps) {
      now += gap;
      turns.push(now + bucket.waitMs(now));
      bucket.take(now);
    }
    for (let from = 0; from < turns.length; from++) {
      for (let to = from; to < turns.length; to++) {
        const allowed = limits.burst + ((turns[to]! - turns[from]!) * limits.perSecond) / 1000;
        expect(to - from + 1).toBeLessThanOrEqual(allowed + 1e-6);
      }
    }
    // A turn that waits is one that could not have been given any sooner.
    let asked = 0;
    for (const [i, gap] of limits.gaps.entries()) {
      asked += gap;
      if (turns[i]! <= asked) continue;
      const room = turns
        .slice(0, i + 1)
        .map((from, j) => limits.burst + ((turns[i]! - from) * limits.perSecond) / 1000 - (i - j + 1));
      expect(Math.min(...room)).toBeLessThan(1e-6);
    }
  });

  it('gives nothing until a pause is over, and then one at a time', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 });
    bucket.pause(2000);
    const waits = [0, 1, 2].map(() => {
      const wait = bucket.waitMs(0);
      bucket.take(0);
      return wait;
    });
    expect(waits).toEqual([2000, 2100, 2200]);
  });
});

describe('the limits of a provider', () => {
  it('hold for all endpoints together, for each by default, and for those that are named', () => {
    const limits = new RateLimits({
      all: { perSecond: 100, burst: 4 },
      default: { perSecond: 1, burst: 1 },
      charges: { perSecond: 1, burst: 2 },
    });
    expect(limits.take('charges', 0, 0)).toEqual({ waitMs: 0 });
    expect(limits.take('charges', 0, 0)).toEqual({ waitMs: 0 });
    expect(limits.take('charges', 0, 0)).toEqual({ refused: 1000 });
    expect(limits.take('payouts', 0, 0)).toEqual({ waitMs: 0 });
    expect(limits.take('payouts', 0, 999)).toEqual({ refused: 1000 });
    expect(limits.take('refunds', 0, 0)).toEqual({ waitMs: 0 });
    expect(limits.take('disputes', 0, 100)).toEqual({ waitMs: 10 });
  });

  it('take nothing for a turn that is refused', () => {
    const limits = new RateLimits({ default: { perSecond: 1, burst: 1 } });
    limits.take('charges', 0, 0);
    for (let i = 0; i < 10; i++) limits.take('charges', 0, 500);
    expect(limits.take('charges', 1000, 0)).toEqual({ waitMs: 0 });
  });

  it('are bounded in how many they keep', () => {
    const limits = new RateLimits({ default: { perSecond: 1, burst: 1 } });
    const refused = Array.from({ length: 300 }, (_, i) => limits.take(`e${i}`, 0, 0)).filter(
      (turn) => 'refused' in turn,
    );
    expect(refused.length).toBe(300 - 256 - 1);
  });

  it('are not those of a name that every object has', () => {
    const limits = new RateLimits({});
    expect(limits.take('constructor', 0, 0)).toEqual({ waitMs: 0 });
  });
});
