import { beforeEach, describe, expect, test } from 'vitest';
import type { Command, RuleSet } from '../../domain/index.ts';
import { aRecord } from '../../testing/a-record.ts';
import { CollectingSink, ofType, recordsMessage, rulesMessage, tickMessage } from '../../testing/index.ts';
import { createKernel, type Kernel } from '../index.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 22);

const RULES: RuleSet = {
  reconciliations: [
    {
      name: 'r',
      left: { sources: ['gateway'] },
      right: { sources: ['bank'] },
      window: { before: 0, after: 0, grace: 0 },
      retain: 2 * DAY,
      rules: [{ name: 'by-reference', keys: ['references.reference'], tolerance: {} }],
      nullValues: [],
    },
  ],
  sources: ['gateway', 'bank', 'shop'].map((name) => ({
    ...{ name, outOfOrder: 0, idleTimeout: 1000, onIdReuse: 'accept' as const },
  })),
  partitionBy: ['account'],
  maxAhead: DAY,
  seenHorizon: null,
  maxOpenRecords: 1000,
};

const WHO = { by: 'amal', why: 'seen on paper', reconciliation: 'r' };
const G1 = { source: 'gateway', id: 'g1', sequence: 2, ordinal: 0 };

describe('why a command is refused', () => {
  let kernel: Kernel;
  let sequence: number;
  const sink = new CollectingSink();

  beforeEach(() => {
    kernel = createKernel({ epoch: 4, partition: 3, watermark: 'sources' });
    kernel.apply(rulesMessage(1, START, RULES), sink);
    kernel.apply(recordsMessage(2, START, [aRecord({ id: 'g1', time: START })]), sink);
    sequence = 3;
    sink.take();
  });

  const wait = (time: number): void => kernel.apply(tickMessage(sequence++, time), sink);

  /** The answer to a command at a moment. */
  function send(time: number, command: Command): { readonly accepted: boolean; readonly reason: string } {
    wait(time);
    sink.take();
    const frame = { kind: 'command', json: JSON.stringify(command) } as const;
    kernel.apply({ sequence: sequence++, logTime: time, frame }, sink);
    const { accepted, reason } = ofType(sink.take(), 'answer')[0]!;
    return { accepted, reason };
  }

  test('names results as people name them', () => {
    wait(START + DAY);
    const [broken] = ofType(sink.take(), 'break');
    expect(broken).toMatchObject({ breakSequence: 3, breakN: 0 });
    const reason: Command = {
      ...{ ...WHO, id: 'c1', kind: 'assignReason', record: G1, reason: 'a slip' },
      break: { sequence: 3, n: 1 },
    };
    expect(send(START + DAY, reason).reason).toBe('record "g1" of source "gateway" is not in break 4-3-3-1');
    expect(send(START + DAY, { ...reason, id: 'c2', break: { sequence: 3, n: 0 } }).accepted).toBe(true);
    const bar: Command = { ...WHO, id: 'c3', kind: 'reopen', match: { sequence: 9, n: 0 } };
    expect(send(START + DAY, bar).reason).toBe('there is no bar of match 4-3-9-0');
  });

  test('says of a record that is not in memory what may have become of it', () => {
    const off: Command = { ...WHO, id: 'c1', kind: 'writeOff', records: [G1] };
    expect(send(START + 4 * DAY, off)).toEqual({
      accepted: false,
      reason:
        'record "g1" of source "gateway" is not unmatched in reconciliation "r": it was matched or written off, is ' +
        'selected by neither side, or its break is past retain, 2d after it was due',
    });
    const foreign = { source: 'shop', id: 's1', sequence: 2, ordinal: 1 };
    expect(send(START + 4 * DAY, { ...off, id: 'c2', records: [foreign] }).reason).toBe(
      'record "s1" of source "shop" is not unmatched in reconciliation "r", which does not take its source',
    );
  });
});
