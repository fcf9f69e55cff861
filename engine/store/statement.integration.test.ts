import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filterSchema } from '../domain/index.ts';
import type { MoneyRecord, StatementRequest, StatementSide } from '../domain/index.ts';
import { openScratchStore, type ScratchStore } from '../testing/scratch-store.ts';
import { PLAIN, STATEMENT_START as T0, leg, place } from '../testing/statement-parts.ts';
import { aRecord } from '../testing/a-record.ts';
import { aBreak, aMatch, breakRows, matchRows, recordRows } from '../testing/store-rows.ts';

const DAY = 86_400_000;

let scratch: ScratchStore;
beforeAll(async () => {
  scratch = await openScratchStore();
});
afterAll(() => scratch.close());

const own = { reconciliation: 'g2b', pools: ['g2b.left', 'g2b.right'] as const };

/** The record at 90 of source `back-left`, with a break that it is in. */
async function insertBroken(state: 'open' | 'writtenOff', sequence: number): Promise<void> {
  const record = { source: 'back-left', id: 'w' };
  if (state === 'writtenOff')
    await scratch.insert('records', recordRows(place(90), [aRecord({ ...record, amount: 100n })]));
  const members = [{ ...record, side: 'left' as const, sequence: 90, ordinal: 0, amount: 100 }];
  const pools = ['back.left', 'back.right'] as const;
  const broken = aBreak({ sequence, n: 0, state, reconciliation: 'back', pools, members });
  await scratch.insert('breaks', breakRows(1, 0, [broken]));
}

describe('the sums of a statement', () => {
  beforeAll(async () => {
    const records: [string, string, bigint][] = [
      ['gateway', 'g1', 10_000n],
      ['bank', 'b1', 9_960n],
      ['gateway', 'g2', 5_000n],
      ['gateway', 'g3', -700n],
      ['bank', 'b2', 300n],
      ['gateway', 'g4', 250n],
    ];
    for (const [i, [source, id, amount]] of records.entries())
      await scratch.insert(
        'records',
        recordRows(place(i + 1, T0 + i * 1000), [aRecord({ source, id, amount, time: T0 })]),
      );
    const first = aMatch({
      ...{ ...own, sequence: 2, n: 0, logTime: T0 + 1000 },
      legs: [leg('left', 'gateway', 'g1', 1, 10_000), leg('right', 'bank', 'b1', 2, 9_960)],
      difference: 40,
      causes: { fee: 30, tolerance: 10 },
    });
    const undone = aMatch({
      ...{ ...own, sequence: 5, n: 0, logTime: T0 + 4000 },
      legs: [leg('left', 'gateway', 'g4', 6, 250), leg('right', 'bank', 'b2', 5, 300)],
      difference: -50,
      causes: { tolerance: -50 },
    });
    await scratch.insert('matches', matchRows(1, 0, [first, undone]));
    await scratch.insert(
      'matches',
      matchRows(1, 0, [
        {
          ...undone,
          sequence: 9,
          logTime: T0 + 2 * DAY,
          matchSequence: 5,
          matchN: 0,
          version: 2,
          state: 'unmatched',
        },
      ]),
    );
    await scratch.insert(
      'breaks',
      breakRows(1, 0, [
        aBreak({
          ...{ ...own, sequence: 8, n: 0, logTime: T0 + DAY, state: 'writtenOff' },
          members: [{ side: 'left', source: 'gateway', id: 'g3', sequence: 4, ordinal: 0, amount: -700 }],
        }),
        aBreak({
          ...{ ...own, sequence: 8, n: 1, logTime: T0 + DAY },
          members: [{ side: 'left', source: 'gateway', id: 'g2', sequence: 3, ordinal: 0, amount: 5_000 }],
        }),
        ...[
          { state: 'open', sequence: 8, n: 2, version: 1 } as const,
          { state: 'resolved', sequence: 10, n: 0, breakSequence: 8, breakN: 2, version: 2 } as const,
        ].map((version) =>
          aBreak({
            ...{ ...own, ...version, logTime: T0 + version.version * DAY },
            members: [{ side: 'right', source: 'bank', id: 'b2', sequence: 5, ordinal: 0, amount: 300 }],
          }),
        ),
      ]),
    );
  });

  test('count each record once: matched, open and in a break or not, or written off', async () => {
    const { sides, matches, oddities } = await scratch.store.statement(PLAIN);
    expect(oddities).toEqual([]);
    expect(sides).toEqual([
      {
        ...{ side: 'left', currency: 'AED', records: 4, amount: 14_550n, open: 2, openAmount: 5_250n },
        ...{
          broken: 1,
          brokenAmount: 5_000n,
          writtenOff: 1,
          writtenOffAmount: -700n,
          fee: 0n,
          tax: 0n,
          otherwise: 0n,
        },
      },
      {
        ...{ side: 'right', currency: 'AED', records: 2, amount: 10_260n, open: 1, openAmount: 300n },
        ...{
          broken: 0,
          brokenAmount: 0n,
          writtenOff: 0,
          writtenOffAmount: 0n,
          fee: 0n,
          tax: 0n,
          otherwise: 0n,
        },
      },
    ]);
    expect(matches).toEqual([
      { currency: 'AED', matches: 1, left: 10_000n, right: 9_960n, causes: { fee: 30n, tolerance: 10n } },
    ]);
  });

  test('what was written off and is in a break anew has come back', async () => {
    const lanes = (['left', 'right'] as const).map((side) => ({
      ...{ reconciliation: 'back', side, pool: `back.${side}`, sources: [`back-${side}`], negate: false },
    }));
    await insertBroken('writtenOff', 91);
    const { sides: off } = await scratch.store.statement({ ...PLAIN, lanes });
    expect(off).toMatchObject([{ open: 0, broken: 0, writtenOff: 1, writtenOffAmount: 100n }]);
    await insertBroken('open', 92);
    const { sides: back } = await scratch.store.statement({ ...PLAIN, lanes });
    expect(back).toMatchObject([{ open: 1, broken: 1, brokenAmount: 100n, writtenOff: 0 }]);
  });

  test('stand as of a moment, or of a message', async () => {
    const before = await scratch.store.statement({ ...PLAIN, end: { before: T0 + DAY } });
    // g4 and b2 are matched still, g3 is open.
    const standing = ({ openAmount, brokenAmount, writtenOffAmount }: StatementSide) => [
      ...[openAmount, brokenAmount, writtenOffAmount],
    ];
    expect(before.sides.map(standing)).toEqual([
      [4_300n, 0n, 0n],
      [0n, 0n, 0n],
    ]);
    // b2 is in a break until the message that resolves it, and in a match, too: it is not open.
    const later = await scratch.store.statement({ ...PLAIN, end: { before: T0 + 2 * DAY } });
    expect(later.sides.map(standing)).toEqual([
      [5_000n, 5_000n, -700n],
      [0n, 0n, 0n],
    ]);
    expect(before.matches[0]).toMatchObject({ matches: 2, causes: { tolerance: -40n } });
    const through = { epoch: 1, partition: 0, sequence: 2 };
    const early = await scratch.store.statement({ ...PLAIN, end: { through } });
    expect(early.sides.map(({ records }) => records)).toEqual([1, 1]);
    expect(early.matches[0]).toMatchObject({ matches: 1 });
    const other = { epoch: 1, partition: 5, sequence: 2 };
    expect((await scratch.store.statement({ ...PLAIN, end: { through: other } })).sides).toEqual([]);
  });

  test('name what does not add up', async () => {
    const request: StatementRequest = {
      ...PLAIN,
      lanes: [
        { ...PLAIN.lanes[0]!, reconciliation: 'odd', pool: 'odd.left', sources: ['odd-gateway'] },
        { ...PLAIN.lanes[1]!, reconciliation: 'odd', pool: 'odd.right', sources: ['odd-bank'] },
      ],
    };
    await scratch.insert(
      'records',
      recordRows(place(20), [aRecord({ source: 'odd-gateway', id: 'o1', amount: 100n })]),
    );
    const match = aMatch({
      ...{ sequence: 21, n: 0, reconciliation: 'odd', pools: ['odd.left', 'odd.right'] },
      legs: [leg('left', 'odd-gateway', 'o1', 20, 90), leg('right', 'odd-bank', 'ghost', 19, 80)],
      causes: { fee: 7 },
    });
    await scratch.insert('matches', matchRows(1, 0, [match]));
    expect((await scratch.store.statement(request)).oddities).toEqual([
      {
        kind: 'missing',
        currency: 'AED',
        amount: 80n,
        source: 'odd-bank',
        id: 'ghost',
        position: '1-0-19-0',
      },
      {
        kind: 'allocated',
        currency: 'AED',
        amount: 10n,
        source: 'odd-gateway',
        id: 'o1',
        position: '1-0-20-0',
      },
      { kind: 'causes', currency: 'AED', amount: 3n, matchId: '1-0-21-0' },
    ]);
  });

  test('shared pools count once, sides by their filters, signs and versions', async () => {
    const bank = { pool: 'bank', side: 'right', sources: ['pool-bank'], negate: false } as const;
    const request: StatementRequest = {
      ...PLAIN,
      lanes: [
        {
          ...{
            reconciliation: 'cards',
            side: 'left',
            pool: 'cards.left',
            sources: ['acquirer'],
            negate: true,
          },
          where: filterSchema.parse({ kind: 'payout', amount: { lt: '-1.00' } }),
        },
        { ...bank, reconciliation: 'cards' },
        { reconciliation: 'cod', side: 'left', pool: 'cod.left', sources: ['courier'], negate: false },
        { ...bank, reconciliation: 'cod' },
      ],
      amending: ['courier'],
      superseding: [{ source: 'pool-bank', sources: ['pool-interim'], keys: ['references.reference'] }],
    };
    const payout = (id: string, amount: bigint, kind: MoneyRecord['kind'] = 'payout') =>
      aRecord({ source: 'acquirer', id, kind, amount });
    await scratch.insert(
      'records',
      recordRows(place(30), [payout('p1', -500n), payout('p2', -50n), payout('c', -900n, 'charge')]),
    );
    const courier = { source: 'courier', id: 'k1' };
    await scratch.insert(
      'records',
      recordRows(place(31), [aRecord({ ...courier, version: 1, amount: 1000n })]),
    );
    await scratch.insert(
      'records',
      recordRows(place(32), [aRecord({ ...courier, version: 2, amount: 900n })]),
    );
    await scratch.insert(
      'records',
      recordRows(place(33), [aRecord({ source: 'pool-bank', id: 'b', kind: 'bank', amount: 600n })]),
    );
    const { sides } = await scratch.store.statement(request);
    expect(sides.map(({ side, records, amount, openAmount }) => [side, records, amount, openAmount])).toEqual(
      [
        ['left', 2, 1_400n, 1_400n],
        ['right', 1, 600n, 600n],
      ],
    );
  });

  test('an interim record does not count beside the final one that took its place', async () => {
    const lane = { ...PLAIN.lanes[1]!, reconciliation: 's', pool: 's.right', sources: ['mt942', 'mt940'] };
    const request: StatementRequest = {
      ...PLAIN,
      lanes: [{ ...PLAIN.lanes[0]!, reconciliation: 's', pool: 's.left', sources: ['none'] }, lane],
      superseding: [{ source: 'mt940', sources: ['mt942'], keys: ['references.reference'] }],
    };
    const line = (source: string, id: string, reference: string) =>
      aRecord({ source, id, amount: 100n, references: { reference } });
    await scratch.insert(
      'records',
      recordRows(place(40), [line('mt942', 'i1', 'A'), line('mt942', 'i2', 'A'), line('mt942', 'i3', 'B')]),
    );
    await scratch.insert(
      'records',
      recordRows(place(41), [line('mt940', 'f1', 'A'), line('mt940', 'f2', '')]),
    );
    const { sides } = await scratch.store.statement(request);
    // f1, f2, and of the interim ones i2 and i3.
    expect(sides).toMatchObject([{ side: 'right', records: 4, amount: 400n }]);
  });

  test('arrivals are of the days asked for, of earlier ones, or of later ones', async () => {
    const lane = { ...PLAIN.lanes[0]!, reconciliation: 'late', pool: 'late.left', sources: ['slow'] };
    const request: StatementRequest = { ...PLAIN, lanes: [lane] };
    // 21:00 UTC is the next day at UTC+4.
    const at = (hours: number) =>
      aRecord({ source: 'slow', id: `s${hours}`, amount: 100n, time: T0 + hours * 3_600_000 });
    await scratch.insert('records', recordRows(place(60, T0 + 3 * DAY), [-20, 0, 13, 40].map(at)));
    await scratch.insert('records', recordRows(place(61, T0 + 4 * DAY), [at(1)]));
    const stretch = { from: T0 + 3 * DAY, to: T0 + 4 * DAY, firstDay: '2026-11-20', lastDay: '2026-11-20' };
    expect(await scratch.store.arrivals(request, stretch)).toEqual([
      { side: 'left', currency: 'AED', of: 'after', records: 2, amount: 200n },
      { side: 'left', currency: 'AED', of: 'before', records: 1, amount: 100n },
      { side: 'left', currency: 'AED', of: 'day', records: 1, amount: 100n },
    ]);
  });
});
