import { describe, expect, test } from 'vitest';
import { FAULTS, NO_FAULTS, createFaults } from './faults.ts';
import type { Fault } from './faults.ts';
import { Seeded, chanceOf, tokenOf } from './seeded.ts';

const ids = Array.from({ length: 2000 }, (_, n) => `evt_${n}`);

describe('faults', () => {
  test.each(FAULTS.map((fault) => [fault]))(
    '%s alone changes what it is about, and nothing else',
    (fault) => {
      const faults = createFaults({ seed: 3, on: [fault], rate: 0.2 });
      const fates = ids.map((id) => faults.webhook(id));
      const requests = ids.map((id) => faults.request(`GET /${id}`).type);
      const seen: { readonly [name in Fault]: boolean } = {
        lostWebhooks: fates.some((copies) => copies.length === 0),
        duplicateWebhooks: fates.some((copies) => copies.filter(({ isForged }) => !isForged).length > 1),
        reorderedWebhooks: fates.some(
          ([copy]) => copy !== undefined && copy.delayMs > 0 && copy.delayMs <= 20_000,
        ),
        lateWebhooks: fates.some(([copy]) => copy !== undefined && copy.delayMs > 3_600_000),
        wrongSignatures: fates.some((copies) => copies.some(({ isForged }) => isForged)),
        rateLimits: requests.includes('rateLimit'),
        silentRateLimits: requests.includes('rateLimit'),
        serverErrors: requests.includes('serverError'),
        hangs: requests.includes('hang'),
        resets: requests.includes('reset'),
        slowBodies: requests.includes('slowBody'),
        expiredTokens: ids.some((id) => faults.expiresEarly(id)),
        shiftingPages: ids.some((id) => faults.listLagMs(id) > 0),
        clockSkew: faults.skewMs !== 0,
        outages: faults.isOut(0),
      };
      expect(seen[fault]).toBe(true);
      const isOfRequests = [
        'rateLimits',
        'silentRateLimits',
        'serverErrors',
        'hangs',
        'resets',
        'slowBodies',
      ];
      if (!isOfRequests.includes(fault)) expect(new Set(requests)).toEqual(new Set(['answer']));
      if (!fault.endsWith('Webhooks') && fault !== 'wrongSignatures') {
        expect(fates.every((copies) => copies.length === 1 && copies[0]!.delayMs === 0)).toBe(true);
      }
    },
  );

  test('are decided by what they are about, in whatever order it is asked', () => {
    const [one, other] = [createFaults({ seed: 5, on: 'all' }), createFaults({ seed: 5, on: 'all' })];
    const forwards = ids.map((id) => one.webhook(id));
    const backwards = ids.toReversed().map((id) => other.webhook(id));
    expect(backwards.reverse()).toEqual(forwards);
  });

  test('never strike one request more than three times in a row', () => {
    const faults = createFaults({ seed: 5, on: ['serverErrors', 'resets'], rate: 0.9 });
    let inARow = 0;
    let most = 0;
    for (let n = 0; n < 1000; n++) {
      inARow = faults.request('GET /v1/events').type === 'answer' ? 0 : inARow + 1;
      most = Math.max(most, inARow);
    }
    expect(most).toBe(3);
  });

  test('come about as often as they are said to', () => {
    const faults = createFaults({ seed: 8, on: ['lostWebhooks'], rate: 0.1 });
    const lost = ids.filter((id) => faults.webhook(id).length === 0).length / ids.length;
    expect(lost).toBeGreaterThan(0.07);
    expect(lost).toBeLessThan(0.13);
  });

  test('there are none on a good day', () => {
    for (const id of ids) {
      expect(NO_FAULTS.webhook(id)).toEqual([{ delayMs: 0, isForged: false }]);
      expect(NO_FAULTS.request(id)).toEqual({ type: 'answer' });
    }
    expect(NO_FAULTS.isOut(0)).toBe(false);
  });
});

describe('chance that can be repeated', () => {
  test('is spread evenly', () => {
    const random = new Seeded(1, 'spread');
    const counts = new Array<number>(10).fill(0);
    for (let n = 0; n < 10_000; n++) {
      counts[Math.floor(random.next() * 10)]!++;
      counts[Math.floor(chanceOf('spread', n) * 10)]!++;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(250);
  });

  test('tokens differ', () => {
    const tokens = new Set(Array.from({ length: 50_000 }, (_, n) => tokenOf(14, 'txn', `p${n}-c`)));
    expect(tokens.size).toBe(50_000);
    for (const token of [...tokens].slice(0, 100)) expect(token).toMatch(/^[a-z0-9]{14}$/);
  });
});
