import { describe, expect, it } from 'vitest';
import { recordsMessage, rulesMessage } from './frames.ts';
import { ReferenceMatcher } from './reference-matcher.ts';
import { ofType } from './results.ts';
import { syntheticDay, syntheticRules } from './synthetic-day.ts';

describe('the synthetic day', () => {
  it('has exactly the records asked for, the same for the same seed', () => {
    const day = [...syntheticDay({ records: 1000, seed: 5 })];
    expect(day).toHaveLength(1000);
    expect([...syntheticDay({ records: 1000, seed: 5 })]).toEqual(day);
    expect([...syntheticDay({ records: 1000, seed: 6 })]).not.toEqual(day);
  });

  it('ties out but for the troubles put into it', () => {
    const records = 20_000;
    const matcher = new ReferenceMatcher({ epoch: 0, partition: 0, watermark: 'sources' });
    const start = Date.UTC(2026, 10, 22);
    matcher.apply(rulesMessage(1, start, syntheticRules()));
    const day = [...syntheticDay({ records, start })];
    const results = [];
    for (let from = 0; from < records; from += 500) {
      // Log time creeps, so that no source falls idle on the way.
      results.push(
        ...matcher.apply(recordsMessage(2 + from / 500, start + from, day.slice(from, from + 500))),
      );
    }
    const { duplicates, late, open } = matcher.counts();
    const matched = 2 * ofType(results, 'match').length;
    expect(matched / (records - duplicates)).toBeGreaterThan(0.96);
    expect(duplicates).toBeGreaterThan(10);
    expect(late).toBeGreaterThan(10);
    const breaks = ofType(results, 'break');
    expect(breaks.filter((each) => each.kind === 'amount' && each.state === 'open').length).toBeGreaterThan(
      10,
    );
    expect(breaks.filter((each) => each.state === 'resolved').length).toBeGreaterThan(5);
    // Those evicted are neither matched nor in memory any more.
    expect(open).toBeLessThan(records * 0.02);
  });

  it('is matched by the reference at a rate that crash tests can wait for', () => {
    const records = 40_000;
    const matcher = new ReferenceMatcher({ epoch: 0, partition: 0, watermark: 'sources' });
    matcher.apply(rulesMessage(1, 0, syntheticRules()));
    const messages = [];
    const day = [...syntheticDay({ records })];
    for (let from = 0; from < records; from += 500) {
      messages.push(recordsMessage(2 + from / 500, Date.UTC(2026, 10, 22), day.slice(from, from + 500)));
    }
    // Of this process alone: another may have the processor.
    const started = process.cpuUsage();
    for (const message of messages) matcher.apply(message);
    const { user, system } = process.cpuUsage(started);
    const perSecond = (records / (user + system)) * 1_000_000;
    expect(perSecond).toBeGreaterThan(3000);
  });
});
