import { describe, expect, test } from 'vitest';
import { DAY_MS, type SourceDue, type SourceRule } from '../domain/index.ts';
import { Calendars } from '../rules/index.ts';
import { DueSchedule } from './due-schedule.ts';
import { SourceWatermark } from './source-watermark.ts';

const HOUR = 3_600_000;
const CALENDARS = new Calendars(undefined);
/** Every Dubai banking day at 09:00, which is 05:00 UTC. */
const DUE: SourceDue = {
  everyDays: 1,
  by: 540,
  zone: 'Asia/Dubai',
  calendar: ['AE-rails'],
  maxHold: 6 * HOUR,
};
const at = (text: string): number => Date.parse(`${text}:00Z`);

function rule(name: string, due?: SourceDue): SourceRule {
  return { name, outOfOrder: 0, idleTimeout: HOUR, onIdReuse: 'accept', due };
}

/** Log time moves on; the findings that this makes, as `source moment`. */
function advance(sources: SourceWatermark, time: number): string[] {
  const found: string[] = [];
  sources.advance(time);
  sources.findOverdue((source, moment) =>
    found.push(`${source} ${new Date(moment).toISOString().slice(0, 16)}`),
  );
  return found;
}

describe('a schedule of due moments', () => {
  test('skips closed days', () => {
    const schedule = new DueSchedule(DUE, CALENDARS);
    schedule.reach(at('2026-11-21T12:00'));
    expect(schedule.previous).toBe(at('2026-11-20T05:00'));
    expect(schedule.latest).toBe(at('2026-11-21T05:00'));
    // The 22nd is a Sunday.
    expect(schedule.next).toBe(at('2026-11-23T05:00'));
  });

  test('counts open days from 1970, whenever it was set up', () => {
    const schedule = new DueSchedule({ ...DUE, everyDays: 5, calendar: [], zone: 'UTC', by: 0 }, CALENDARS);
    schedule.reach(12 * DAY_MS);
    expect([schedule.previous, schedule.latest, schedule.next]).toEqual([
      5 * DAY_MS,
      10 * DAY_MS,
      15 * DAY_MS,
    ]);
  });
});

describe('an overdue source', () => {
  function twoSources(): SourceWatermark {
    const sources = new SourceWatermark();
    advance(sources, at('2026-11-23T00:00'));
    sources.setSources([rule('bank', DUE), rule('card')], DAY_MS, CALENDARS);
    return sources;
  }

  test('is found once for each moment that passed in silence', () => {
    const sources = twoSources();
    expect(advance(sources, at('2026-11-23T04:59'))).toEqual([]);
    expect(advance(sources, at('2026-11-23T05:00'))).toEqual(['bank 2026-11-23T05:00']);
    expect(advance(sources, at('2026-11-23T05:01'))).toEqual([]);
    sources.progress('bank', at('2026-11-23T05:00'));
    expect(advance(sources, at('2026-11-24T06:00'))).toEqual([]);
    expect(advance(sources, at('2026-11-26T06:00'))).toEqual(['bank 2026-11-26T05:00']);
  });

  test('holds the watermark until it is heard', () => {
    const sources = twoSources();
    sources.progress('bank', at('2026-11-23T00:00'));
    advance(sources, at('2026-11-23T12:00'));
    sources.progress('card', at('2026-11-23T12:00'));
    expect(sources.value).toBe(at('2026-11-23T12:00'));
    expect(advance(sources, at('2026-11-24T05:00'))).toEqual(['bank 2026-11-24T05:00']);
    const held = sources.value;
    sources.progress('card', at('2026-11-24T06:00'));
    expect(sources.value).toBe(held);
    sources.progress('bank', at('2026-11-24T05:30'));
    expect(sources.value).toBe(at('2026-11-24T05:30'));
  });

  test('moves the watermark to its mark when it speaks, though the mark is not new', () => {
    const sources = twoSources();
    sources.progress('card', at('2026-11-23T00:00'));
    sources.progress('bank', at('2026-11-27T00:00'));
    expect(advance(sources, at('2026-11-24T05:00'))).toEqual(['bank 2026-11-24T05:00']);
    expect(sources.value).toBeLessThan(at('2026-11-25T00:00'));
    sources.progress('bank', at('2026-11-24T00:00'));
    expect(sources.value).toBe(at('2026-11-27T00:00'));
  });

  test('lets go of the watermark after maxHold', () => {
    const sources = twoSources();
    advance(sources, at('2026-11-23T05:00'));
    sources.progress('card', at('2026-11-23T05:00'));
    expect(sources.value).toBe(Number.NEGATIVE_INFINITY);
    advance(sources, at('2026-11-23T11:00'));
    sources.progress('card', at('2026-11-23T11:00'));
    expect(sources.value).toBe(at('2026-11-23T11:00'));
  });

  test('goes on as it was after a restore', () => {
    const sources = twoSources();
    advance(sources, at('2026-11-23T05:00'));
    const restored = new SourceWatermark();
    restored.setSources([rule('bank', DUE), rule('card')], DAY_MS, CALENDARS);
    restored.restore(sources.value, sources.logTime, structuredClone(sources.state()));
    for (const each of [sources, restored]) {
      expect(advance(each, at('2026-11-23T06:00'))).toEqual([]);
      each.progress('card', at('2026-11-23T06:00'));
      expect(each.value).toBe(Number.NEGATIVE_INFINITY);
      expect(advance(each, at('2026-11-24T05:00'))).toEqual(['bank 2026-11-24T05:00']);
    }
  });
});
