import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Break } from '../../../engine/domain/index.ts';
import { BreakTable } from './break-table.ts';

function broken(sequence: number, version: number, over: Partial<Break> = {}): Break {
  return {
    sequence: sequence + version,
    n: 0,
    logTime: 0,
    breakSequence: sequence,
    breakN: 0,
    version,
    state: 'open',
    reconciliation: 'r',
    pools: ['a', 'b'],
    kind: 'unmatched',
    account: 'x',
    currency: 'AED',
    members: [{ side: 'left', source: 's', id: 'never kept', sequence, ordinal: 0, amount: 5 }],
    amount: 5,
    dueTime: 0,
    why: { rule: 'one', condition: 'noCounterpart' },
    reason: '',
    ...over,
  };
}

const idAt = (sequence: number): string => `id-${sequence}`;

describe('the table of breaks', () => {
  it('keeps the latest version of each and leaves the resolved ones out', () => {
    const table = new BreakTable();
    table.put(broken(1, 1));
    table.put(broken(2, 1));
    table.put(
      broken(1, 2, {
        kind: 'amount',
        amount: -7,
        members: [
          { side: 'right', source: 's', id: '', sequence: 1, ordinal: 0, amount: 5 },
          { side: 'left', source: 't', id: '', sequence: 3, ordinal: 0, amount: 12 },
        ],
        why: { rule: 'two', condition: 'amount', difference: -7, tolerance: 2 },
      }),
    );
    table.put(broken(2, 2, { state: 'resolved' }));
    expect([...table.unresolved(idAt)]).toEqual([
      {
        breakSequence: 1,
        breakN: 0,
        version: 2,
        state: 'open',
        reconciliation: 'r',
        kind: 'amount',
        members: [
          { side: 'right', id: 'id-1' },
          { side: 'left', id: 'id-3' },
        ],
        amount: -7,
        currency: 'AED',
        why: { rule: 'two', condition: 'amount', difference: -7, tolerance: 2 },
        reason: '',
      },
    ]);
    expect(table.counts()).toEqual({ amount: 1 });
  });

  it('keeps all members of a group, what came near, and the reason, and forgets what a later version has not', () => {
    const table = new BreakTable();
    const member = (side: 'left' | 'right', sequence: number) => ({
      side,
      source: 's',
      id: '',
      sequence,
      ordinal: 0,
      amount: 1,
    });
    const ref = (sequence: number) => ({ source: 's', id: '', sequence, ordinal: 0 });
    table.put(
      broken(5, 1, {
        kind: 'group',
        members: [member('left', 1), member('left', 2), member('right', 3), member('right', 4)],
        why: {
          rule: 'g',
          condition: 'lateMember',
          records: [ref(8), ref(9)],
          timeDifference: 60_000,
          match: { sequence: 3, n: 1 },
        },
        reason: 'bank fee',
      }),
    );
    const [first] = [...table.unresolved(idAt)];
    expect(first).toMatchObject({
      members: [
        { side: 'left', id: 'id-1' },
        { side: 'left', id: 'id-2' },
        { side: 'right', id: 'id-3' },
        { side: 'right', id: 'id-4' },
      ],
      why: { records: ['id-8', 'id-9'], timeDifference: 60_000, match: { sequence: 3, n: 1 } },
      reason: 'bank fee',
    });
    table.put(broken(5, 2, { state: 'writtenOff', members: [member('right', 4)] }));
    const [second] = [...table.unresolved(idAt)];
    expect(second).toMatchObject({
      version: 2,
      state: 'writtenOff',
      members: [{ side: 'right', id: 'id-4' }],
      reason: '',
    });
    expect(second?.why).toEqual({ rule: 'one', condition: 'noCounterpart' });
    expect(table.counts()).toEqual({});
  });

  it('agrees with a plain map at any size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.boolean()), {
          minLength: 2000,
          maxLength: 4000,
        }),
        (steps) => {
          const table = new BreakTable();
          const plain = new Map<number, { version: number; open: boolean }>();
          for (const [sequence, open] of steps) {
            const version = (plain.get(sequence)?.version ?? 0) + 1;
            plain.set(sequence, { version, open });
            table.put(broken(sequence, version, { state: open ? 'open' : 'resolved' }));
          }
          const wanted = [...plain]
            .filter(([, { open }]) => open)
            .map(([sequence, { version }]) => [sequence, version]);
          expect([...table.unresolved(idAt)].map((found) => [found.breakSequence, found.version])).toEqual(
            wanted,
          );
        },
      ),
      { numRuns: 20 },
    );
  });
});
