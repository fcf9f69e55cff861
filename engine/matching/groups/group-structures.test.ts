import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Entries } from '../entries.ts';
import { NO_ENTRY } from '../slab.ts';
import { asBreak, groupBreakOf } from './group-breaks.ts';
import { COUNT, DUE, FIRST, FIRST_LEG, GroupSlab, LAST, SIGNAL_COUNT } from './group-slab.ts';
import { Lists } from './lists.ts';
import { MemberLinks } from './member-links.ts';

const exact = fc.integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });

describe('a list of members', () => {
  test('is in order of arrival whatever the order in which its members come and go', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean()), { maxLength: 120 });
    fc.assert(
      fc.property(steps, (each) => {
        const entries = new Entries();
        const slab = new GroupSlab();
        const lists = new Lists(slab, new MemberLinks(), entries);
        const group = slab.add(3, 2, 77);
        const members = new Map<number, number>();
        for (const [arrival, leaves] of each) {
          const known = members.get(arrival);
          if (known === undefined && !leaves) {
            const entry = entries.add(1, 0, arrival, 0, 0);
            members.set(arrival, entry);
            lists.insert(group, FIRST, LAST, entry);
          } else if (known !== undefined && leaves) {
            members.delete(arrival);
            lists.remove(group, FIRST, LAST, known);
          }
        }
        const found: number[] = [];
        for (let entry = slab.int(group, FIRST); entry !== NO_ENTRY; entry = lists.links.next(entry)) {
          found.push(entries.arrival(entry));
        }
        expect(found).toEqual([...members.keys()].sort((a, b) => a - b));
        const collected = [NO_ENTRY];
        lists.collect(group, FIRST, LAST, members.size, collected);
        const inOrder = [...members].sort(([a], [b]) => a - b).map(([, entry]) => entry);
        expect(collected).toEqual([NO_ENTRY, ...inOrder]);
        const last = slab.int(group, LAST);
        expect(last === NO_ENTRY ? undefined : entries.arrival(last)).toBe(found.at(-1));
      }),
    );
  });
});

describe('a group', () => {
  test('starts empty, without a match and without signals, also where another was before', () => {
    const slab = new GroupSlab();
    const first = slab.add(2047, 15, 1);
    slab.setInt(first, COUNT, 9);
    slab.addToSum(first, 1, 5);
    slab.raiseDue(first, 100);
    slab.free(first);
    expect(slab.isUsed(first)).toBe(false);
    const again = slab.add(7, 1, 2);
    expect(again).toBe(first);
    expect([slab.slot(again), slab.rule(again)]).toEqual([7, 1]);
    expect([slab.members(again), slab.sum(again, 1), slab.isMatched(again)]).toEqual([0, 0, false]);
    expect(slab.number(again, DUE)).toBe(Number.NEGATIVE_INFINITY);
    expect(slab.int(again, SIGNAL_COUNT)).toBe(-1);
    expect(slab.int(again, FIRST_LEG)).toBe(NO_ENTRY);
  });

  test('keeps sums exact beyond the range of doubles, and gives back what left', () => {
    fc.assert(
      fc.property(fc.array(exact, { maxLength: 60 }), exact, (values, kept) => {
        const slab = new GroupSlab();
        const group = slab.add(0, 0, 0);
        slab.addToSum(group, 0, kept);
        for (const value of values) slab.addToSum(group, 0, value);
        for (const value of values) slab.addToSum(group, 0, -value);
        expect(slab.sum(group, 0)).toBe(kept);
      }),
    );
  });

  test('adds the sums of members to those of legs when it is matched', () => {
    fc.assert(
      fc.property(fc.array(exact, { maxLength: 20 }), fc.array(exact, { maxLength: 20 }), (legs, members) => {
        const slab = new GroupSlab();
        const group = slab.add(0, 0, 0);
        for (const value of legs) slab.addToSum(group, 1, value);
        slab.membersBecomeLegs(group);
        for (const value of members) slab.addToSum(group, 1, value);
        const sums = new Float64Array(2);
        slab.addSumsTo(group, 1, sums, 0);
        const total = [...legs, ...members].reduce((sum, value) => sum + BigInt(value), 0n);
        expect(BigInt(sums[1]!) * 2n ** 52n + BigInt(sums[0]!)).toBe(total);
      }),
    );
  });
});

test('breaks of groups and of pairs are told apart by the number that an entry keeps', () => {
  for (const number of [0, 1, 77, 2 ** 30 - 3]) {
    expect(asBreak(number)).toBeLessThan(NO_ENTRY);
    expect(groupBreakOf(asBreak(number))).toBe(number);
  }
});

test('links are made where an entry needs them, and are the same after they are restored', () => {
  const links = new MemberLinks();
  expect(links.owner(40_000)).toBe(NO_ENTRY);
  links.setOwner(40_000, 3);
  links.setValue(40_000, -12_345);
  links.setPart(40_000, 67);
  const again = new MemberLinks();
  expect(again.restore(links.blocks())).toBe(true);
  expect([again.owner(40_000), again.value(40_000), again.part(40_000)]).toEqual([3, -12_345, 67]);
  expect(again.owner(40_001)).toBe(NO_ENTRY);
  expect(again.restore([new Uint8Array(5)])).toBe(false);
});
