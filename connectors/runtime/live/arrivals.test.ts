import { describe, expect, test } from 'vitest';
import type { Translated } from '../../../engine/domain/index.ts';
import { recordItem } from '../../conformance/items.ts';
import { Arrivals } from './arrivals.ts';

const START = Date.UTC(2026, 10, 22);
const GRACE = 60_000;

function found(id: string, time: number, version?: number): Translated {
  return recordItem({ id, time, ...(version === undefined ? {} : { version }) });
}

describe('Arrivals', () => {
  test('what a webhook brought is no gap', () => {
    const arrivals = new Arrivals(START, GRACE);
    arrivals.byWebhook([found('a', START + 1000)]);
    expect(arrivals.byPoll([found('a', START + 1000)], START + 600_000)).toBe(0);
  });

  test('what none brought is one gap, however often polling sees it', () => {
    const arrivals = new Arrivals(START, GRACE);
    const page = [found('a', START + 1000), found('b', START + 2000)];
    expect(arrivals.byPoll(page, START + 600_000)).toBe(2);
    expect(arrivals.byPoll(page, START + 660_000)).toBe(0);
  });

  test('a webhook may take its time', () => {
    const arrivals = new Arrivals(START, GRACE);
    const page = [found('a', START + 100_000)];
    expect(arrivals.byPoll(page, START + 130_000)).toBe(0);
    expect(arrivals.byPoll(page, START + 170_000)).toBe(1);
  });

  test('what is older than the process is not counted', () => {
    const arrivals = new Arrivals(START, GRACE);
    expect(arrivals.byPoll([found('a', START - 1000)], START + 600_000)).toBe(0);
  });

  test('a version of its own that no webhook brought is a gap', () => {
    const arrivals = new Arrivals(START, GRACE);
    arrivals.byWebhook([found('a', START + 1000, 1)]);
    expect(arrivals.byPoll([found('a', START + 1000, 2)], START + 600_000)).toBe(1);
  });

  test('what the provider sends no webhook for is not missed', () => {
    const arrivals = new Arrivals(START, GRACE);
    const page = [found('a', START + 1000), found('fee', START + 2000)];
    expect(arrivals.byPoll(page, START + 600_000, ({ id }) => id !== 'fee')).toBe(1);
  });
});
