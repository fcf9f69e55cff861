import { describe, expect, it } from 'vitest';
import type { MoneyRecord, RuleSet } from '../../domain/index.ts';
import { aRecord } from '../../testing/a-record.ts';
import { CollectingSink, ofType, recordsMessage, rulesMessage, tickMessage } from '../../testing/index.ts';
import { createKernel, restoreKernel, type Kernel, type KernelOptions } from '../index.ts';
import type { KernelCore } from '../core.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 22);
const MEMBERS = 300;

const RULES: RuleSet = {
  reconciliations: [
    {
      name: 'charges-to-payouts',
      left: { sources: ['gateway'] },
      right: { sources: ['bank'] },
      window: { before: HOUR, after: HOUR, grace: 0 },
      retain: 24 * HOUR,
      rules: [
        {
          name: 'by-payout',
          keys: ['references.reference'],
          cardinality: 'N:1',
          complete: 'onSum',
          tolerance: {},
        },
      ],
      nullValues: [],
    },
  ],
  sources: ['gateway', 'bank'].map((name) => ({
    name,
    outOfOrder: 0,
    idleTimeout: HOUR,
    onIdReuse: 'accept',
  })),
  partitionBy: ['account'],
  maxAhead: 48 * HOUR,
  seenHorizon: null,
  maxOpenRecords: 100_000,
};

function charge(i: number): MoneyRecord {
  return aRecord({ source: 'gateway', id: `g${i}`, time: START + i, references: { reference: 'P1' } });
}

function many(make: (i: number) => MoneyRecord): MoneyRecord[] {
  return Array.from({ length: MEMBERS }, (_, i) => make(i));
}

/** One of a group that ends before that of {@link charge}. */
function other(i: number): MoneyRecord {
  return aRecord({ source: 'gateway', id: `o${i}`, time: START - 1000, references: { reference: 'P0' } });
}

/** One with the key of {@link charge}, much later. */
function late(source: string, time: number): MoneyRecord {
  return aRecord({ source, id: `late-${source}`, time, references: { reference: 'P1' } });
}

/** How many of the records in memory have an event. */
function events(core: KernelCore): number {
  const { entries, wheel } = core;
  let count = 0;
  for (let entry = 0; entry < entries.count; entry++) {
    if (entries.arrival(entry) >= 0 && wheel.isScheduled(entry)) count++;
  }
  return count;
}

describe('the events of a group', () => {
  it('are one for its end, and one for its break to leave memory', () => {
    const kernel = createKernel({ epoch: 1, partition: 0, watermark: 'sources' });
    const core = coreOf(kernel);
    const sink = new CollectingSink();
    kernel.apply(rulesMessage(1, START, RULES), sink);
    kernel.apply(recordsMessage(2, START, many(charge)), sink);
    expect(events(core)).toBe(1);
    sink.take();

    // Every charge is due by now but the last: the group waits for that one.
    const last = START + MEMBERS - 1;
    kernel.apply(tickMessage(3, last + HOUR), sink);
    expect(sink.take()).toEqual([]);

    kernel.apply(tickMessage(4, last + 4 * HOUR), sink);
    const [broken, ...more] = ofType(sink.take(), 'break');
    expect(more).toEqual([]);
    expect(broken!.members).toHaveLength(MEMBERS);
    expect(events(core)).toBe(1);
    expect(core.open).toBe(MEMBERS);

    kernel.apply(tickMessage(5, last + 40 * HOUR), sink);
    expect(core.open).toBe(0);
    expect(events(core)).toBe(0);
  });

  const BUDGETED: KernelOptions = {
    epoch: 1,
    partition: 0,
    watermark: 'sources',
    expiry: { perRecord: 1, perMessage: 1 },
  };

  /** A kernel whose time has leapt past the end of two large groups: it has handled that of one of them. */
  function leaptTo(time: number): { kernel: Kernel; sink: CollectingSink } {
    const kernel = createKernel(BUDGETED);
    const sink = new CollectingSink();
    kernel.apply(rulesMessage(1, START, RULES), sink);
    kernel.apply(recordsMessage(2, START, many(other)), sink);
    kernel.apply(recordsMessage(3, START, many(charge)), sink);
    sink.take();
    kernel.apply(tickMessage(4, time), sink);
    const broken = ofType(sink.take(), 'break');
    expect(broken.map(({ members }) => members[0]!.id)).toEqual(['o0']);
    return { kernel, sink };
  }

  it('come before a row that is late for a break which is not told yet', () => {
    const { kernel, sink } = leaptTo(START + 10 * HOUR);
    kernel.apply(recordsMessage(5, START + 10 * HOUR, [late('gateway', START + 9.5 * HOUR)]), sink);
    const broken = ofType(sink.take(), 'break');
    expect(broken.map(({ members }) => members.length)).toEqual([MEMBERS]);
  });

  it('are not awaited by a row that comes when all of them are over', () => {
    const time = START + 60 * HOUR;
    const { kernel, sink } = leaptTo(time);
    kernel.apply(recordsMessage(5, time, [late('gateway', time)]), sink);
    expect(ofType(sink.take(), 'break')).toEqual([]);
    kernel.apply(recordsMessage(6, time, [late('bank', time)]), sink);
    const results = sink.take();
    expect(ofType(results, 'break')).toEqual([]);
    expect(ofType(results, 'match').map(({ legs }) => legs.map(idOf))).toEqual([
      ['late-gateway', 'late-bank'],
    ]);
    for (let message = 7; kernel.isBehind; message++) kernel.apply(tickMessage(message, time), sink);
    const broken = ofType(sink.take(), 'break');
    expect(broken.map(({ members }) => members.map(idOf))).toEqual([many(charge).map(idOf)]);
    expect(coreOf(kernel).open).toBe(0);
  });

  it('of the next group with the same key come before a row yet, in a restored kernel too', () => {
    const time = START + 60 * HOUR;
    const { kernel, sink } = leaptTo(time);
    kernel.apply(recordsMessage(5, time, [late('gateway', time)]), sink);
    kernel.apply(tickMessage(6, time + 10 * HOUR), sink);
    sink.take();
    const kept = kernel.snapshot();
    const blocks = kept.blocks.map((block) => block.slice());
    const restored = restoreKernel(BUDGETED, { ...kept, blocks }, kernel.pendingSeen());
    for (const each of [kernel, restored]) {
      expect(coreOf(each).open).toBeGreaterThan(MEMBERS);
      each.apply(recordsMessage(7, time + 10 * HOUR, [late('bank', time)]), sink);
      const results = sink.take();
      expect(ofType(results, 'match').map(({ legs }) => legs.map(idOf))).toEqual([
        ['late-gateway', 'late-bank'],
      ]);
      const broken = ofType(results, 'break').map(({ members, state }) => [members.map(idOf), state]);
      expect(broken).toEqual([
        [['late-gateway'], 'open'],
        [['late-gateway'], 'resolved'],
      ]);
    }
  });
});

function idOf({ id }: { readonly id: string }): string {
  return id;
}

function coreOf(kernel: Kernel): KernelCore {
  return (kernel as unknown as { core: KernelCore }).core;
}
