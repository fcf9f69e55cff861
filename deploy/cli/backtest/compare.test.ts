import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Match } from '../../../engine/domain/index.ts';
import { compareRuns } from './compare.ts';
import { differenceLines } from './difference-lines.ts';
import { People } from './people.ts';
import { Report } from './report.ts';
import { RuleRun } from './rule-run.ts';

let next = 0;

/** A match of left and right records, which are named by their sequences. */
function match(left: readonly number[], right: readonly number[], over: Partial<Match> = {}): Match {
  const leg = (side: 'left' | 'right') => (sequence: number) => ({
    side,
    source: side === 'left' ? 's' : 't',
    id: `r${sequence}`,
    sequence,
    ordinal: 0,
    allocated: 100,
  });
  const sequence = ++next;
  return {
    sequence,
    n: 0,
    logTime: 0,
    matchSequence: sequence,
    matchN: 0,
    version: 1,
    state: 'matched',
    reconciliation: 'r',
    pools: ['a', 'b'],
    rule: 'one',
    fields: [],
    account: 'x',
    currency: 'AED',
    legs: [...left.map(leg('left')), ...right.map(leg('right'))],
    difference: 0,
    causes: {},
    lagMs: 0,
    ...over,
  };
}

function run(...matches: readonly Match[]): RuleRun {
  const made = new RuleRun();
  for (const each of matches) made.match(each);
  return made;
}

function compare(before: RuleRun, after: RuleRun, people = new People()) {
  return compareRuns(before, after, new Map(), people.judgements);
}

describe('two runs', () => {
  it('differ by what is gained, lost and changed', () => {
    const before = run(match([1], [2]), match([3], [4]), match([5], [6]), match([7], [8]));
    const after = run(match([1], [2]), match([5], [7]), match([9], [10]), match([7, 11], [8, 12]));
    const found = compare(before, after);
    expect(found.agreed).toEqual(new Map([['r AED', 1]]));
    expect(found.gained.map(({ legs }) => legs.map(({ id }) => id))).toEqual([['r9', 'r10']]);
    expect(found.lost.map(({ legs }) => legs.map(({ id }) => id))).toEqual([['r3', 'r4']]);
    // r7 ties what became of 5|6 to what became of 7|8.
    expect(found.changed).toHaveLength(1);
    expect(found.changed[0]).toMatchObject({ before: [{}, {}], after: [{}, {}] });
  });

  it('do not mix reconciliations, and tell a difference of amounts', () => {
    const found = compare(
      run(match([1], [2]), match([3], [4])),
      run(match([1], [2], { reconciliation: 'other' }), match([3], [4], { difference: 5 })),
    );
    expect([found.lost.length, found.gained.length, found.changed.length]).toEqual([1, 1, 1]);
  });

  it('count each match of each run once, whatever they hold', () => {
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(some, some, (first, second) => {
        const paired = (records: readonly number[]): Match[] =>
          records.flatMap((record, i) =>
            i % 2 === 1
              ? [match([Math.min(record, records[i - 1]!)], [Math.max(record, records[i - 1]!)])]
              : [],
          );
        const [before, after] = [paired(first), paired(second)];
        const found = compare(run(...before), run(...after));
        const agreed = found.agreed.get('r AED') ?? 0;
        const sum = (pick: (change: (typeof found.changed)[number]) => readonly object[]): number =>
          found.changed.reduce((total, change) => total + pick(change).length, 0);
        expect(agreed + found.lost.length + sum((change) => change.before)).toBe(before.length);
        expect(agreed + found.gained.length + sum((change) => change.after)).toBe(after.length);
        const old = new Set(before.flatMap(({ legs }) => legs.map(({ sequence }) => sequence)));
        // What is gained was not matched before at all.
        for (const { legs } of found.gained) {
          expect(legs.filter(({ sequence }) => old.has(sequence))).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('follow versions: what was undone or resolved does not stand', () => {
    const first = match([1], [2]);
    const after = run(first, { ...first, version: 2, state: 'unmatched' });
    expect(compare(run(first), after).lost).toHaveLength(1);
  });
});

describe('people', () => {
  it('are heard by their last word, and only where they were accepted', () => {
    const people = new People();
    const answer = (commandId: string, kind: 'match' | 'unmatch', accepted = true) => {
      people.next();
      people.answer({
        sequence: 1,
        n: 0,
        logTime: 0,
        commandId,
        kind,
        accepted,
        reason: '',
        by: 'amal',
        why: '',
      });
    };
    answer('c1', 'match');
    people.match(match([1], [2], { rule: 'match' }));
    answer('c2', 'unmatch');
    people.match(match([1], [2], { rule: 'match', version: 2, state: 'unmatched' }));
    answer('c3', 'match', false);
    people.match(match([3], [4], { rule: 'match' }));
    people.next();
    people.match(match([5], [6]));
    expect(people.judgements).toMatchObject([{ commandId: 'c2', kind: 'unmatch' }]);

    const report = new Report();
    const found = compare(run(), run(match([1], [2])), people);
    report.add(found);
    expect(report.people).toEqual({
      matched: { total: 0, byOld: 0, byNew: 0 },
      unmatched: { total: 1, byOld: 0, byNew: 1 },
    });
    expect([...differenceLines(3, found)].map((line) => JSON.parse(line) as object)).toMatchObject([
      { type: 'matchGained', partition: 3, left: [{ source: 's', id: 'r1' }], amount: '1.00' },
      { type: 'command', commandId: 'c2', kind: 'unmatch', byOld: false, byNew: true },
    ]);
  });
});
