import { describe, expect, it } from 'vitest';
import type { MoneyRecord, RuleSet } from '../../domain/index.ts';
import { aRecord } from '../../testing/a-record.ts';
import { CollectingSink, ofType, recordsMessage, rulesMessage, tickMessage } from '../../testing/index.ts';
import { createKernel } from '../index.ts';
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
    const { core } = kernel as unknown as { core: KernelCore };
    const sink = new CollectingSink();
    kernel.apply(rulesMessage(1, START, RULES), sink);
    const charges = Array.from({ length: MEMBERS }, (_, i) => charge(i));
    kernel.apply(recordsMessage(2, START, charges), sink);
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
});
