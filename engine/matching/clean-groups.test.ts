import { expect, test } from 'vitest';
import { CleanGroups } from './clean-groups.ts';

test('a group is known to be clean until its next event is due', () => {
  const clean = new CleanGroups();
  clean.begin();
  expect(clean.meet(1, 10)).toBe(false);
  clean.sawEvent(20);
  clean.begin();
  expect(clean.meet(1, 20)).toBe(true);
  clean.begin();
  expect(clean.meet(1, 21)).toBe(false);
});

test('groups that rows link are clean until the first event of any of them, in whatever order they were met', () => {
  const clean = new CleanGroups();
  for (const [group, event] of [
    [1, 50],
    [2, 40],
    [3, 30],
  ] as const) {
    clean.begin();
    clean.meet(group, 0);
    clean.sawEvent(event);
  }
  clean.begin();
  expect([clean.meet(1, 10), clean.meet(2, 10)]).toEqual([true, true]);
  clean.begin();
  expect([clean.meet(2, 10), clean.meet(3, 10)]).toEqual([true, true]);
  clean.begin();
  expect(clean.meet(1, 31)).toBe(false);
  clean.begin();
  expect(clean.meet(3, 30)).toBe(true);
});

test('an event that a row brings counts for all that it links', () => {
  const clean = new CleanGroups();
  clean.begin();
  clean.meet(1, 0);
  clean.sawEvent(50);
  clean.begin();
  clean.meet(1, 0);
  clean.sawEvent(15);
  clean.begin();
  expect(clean.meet(1, 16)).toBe(false);
});

test('a group that is no more, and all of them when nothing waits, are forgotten', () => {
  const clean = new CleanGroups();
  clean.begin();
  clean.meet(1, 0);
  clean.meet(2, 0);
  clean.forget(1);
  clean.begin();
  expect([clean.meet(1, 0), clean.meet(2, 0)]).toEqual([false, true]);
  clean.clear();
  clean.begin();
  expect(clean.meet(2, 0)).toBe(false);
});
