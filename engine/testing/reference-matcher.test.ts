import { describe, expect, it } from 'vitest';
import type { MoneyRecord, RuleSet } from '../domain/index.ts';
import { recordsMessage, rulesMessage, tickMessage } from './frames.ts';
import { ReferenceMatcher } from './reference-matcher.ts';
import { ofType } from './results.ts';
import { STORIES } from './stories.ts';
import { gatewayToBank } from './story-rules.ts';
import { play, Teller } from './story.ts';
import { WATERMARK_STORIES } from './watermark-story.ts';

describe('the reference matcher plays the worked cases', () => {
  for (const story of STORIES) {
    it(story.name, () => {
      const matcher = new ReferenceMatcher({ epoch: 0, partition: 0, watermark: story.watermark });
      expect(play(story, matcher)).toEqual(story.expected);
    });
  }
});

describe('the watermark', () => {
  for (const { name, rules, lines } of WATERMARK_STORIES) {
    it(name, () => {
      const matcher = new ReferenceMatcher({ epoch: 0, partition: 0, watermark: 'sources' });
      const teller = new Teller({ rules }, matcher);
      const found = lines.map(([told]) => {
        teller.tell(told);
        const { watermark } = matcher.counts();
        return [told, watermark === -Infinity ? '-' : new Date(watermark).toISOString().slice(11, 16)];
      });
      expect(found).toEqual(lines);
    });
  }
});

describe('what results carry', () => {
  const matcher = (): ReferenceMatcher =>
    new ReferenceMatcher({ epoch: 3, partition: 7, watermark: 'sources' });

  it('a match names its legs by place and amount, its pools, and what it let pass', () => {
    const reference = matcher();
    reference.apply(rulesMessage(1, at('10:00'), gatewayToBank()));
    reference.apply(
      recordsMessage(2, at('10:00'), [record('bank', 'b0', 5n, 'X'), record('bank', 'b1', 9960n, 'A')]),
    );
    const results = reference.apply(
      recordsMessage(3, at('10:01'), [record('gateway', 'g1', 10_000n, 'A', 60_000)]),
    );
    expect(results).toEqual([
      { type: 'accepted', source: 'gateway', id: 'g1', row: 0 },
      {
        type: 'match',
        state: 'matched',
        sequence: 3,
        n: 0,
        logTime: at('10:01'),
        matchSequence: 3,
        matchN: 0,
        version: 1,
        reconciliation: 'gateway-to-bank',
        pools: ['gateway-to-bank.left', 'gateway-to-bank.right'],
        rule: 'by-reference',
        fields: ['reference', 'currency', 'amount ± 0.50'],
        account: 'default',
        currency: 'AED',
        legs: [
          { side: 'left', source: 'gateway', id: 'g1', sequence: 3, ordinal: 0, allocated: 10_000 },
          { side: 'right', source: 'bank', id: 'b1', sequence: 2, ordinal: 1, allocated: 9960 },
        ],
        difference: 40,
        causes: { tolerance: 40 },
        lagMs: 60_000,
      },
    ]);
  });

  it('a break says who, since when, and why', () => {
    const reference = matcher();
    reference.apply(rulesMessage(1, at('10:00'), gatewayToBank()));
    reference.apply(recordsMessage(2, at('10:00'), [record('gateway', 'g1', 10_000n, 'A')]));
    reference.apply(recordsMessage(3, at('10:00'), [record('bank', 'b1', 9000n, 'A')]));
    // Both idle at 10:30; b1 is due at 11:00, g1 at 13:00.
    reference.apply(tickMessage(4, at('11:30')));
    const [broken] = ofType(reference.apply(tickMessage(5, at('11:30') + 1)), 'break');
    expect(broken).toEqual({
      type: 'break',
      sequence: 5,
      n: 0,
      logTime: at('11:30') + 1,
      breakSequence: 5,
      breakN: 0,
      version: 1,
      state: 'open',
      reconciliation: 'gateway-to-bank',
      pools: ['gateway-to-bank.left', 'gateway-to-bank.right'],
      kind: 'amount',
      account: 'default',
      currency: 'AED',
      members: [
        { side: 'right', source: 'bank', id: 'b1', sequence: 3, ordinal: 0, amount: 9000 },
        { side: 'left', source: 'gateway', id: 'g1', sequence: 2, ordinal: 0, amount: 10_000 },
      ],
      amount: 1000,
      dueTime: at('11:00'),
      why: { rule: 'by-reference', condition: 'amount', difference: 1000, tolerance: 50 },
      reason: '',
    });
  });

  it('two reconciliations each consume a record in a pool of their own', () => {
    const [first] = gatewayToBank().reconciliations;
    const rules: RuleSet = {
      ...gatewayToBank(),
      reconciliations: [first!, { ...first!, name: 'second' }],
    };
    const reference = matcher();
    reference.apply(rulesMessage(1, at('10:00'), rules));
    const results = reference.apply(
      recordsMessage(2, at('10:00'), [record('gateway', 'g1', 100n, 'A'), record('bank', 'b1', 100n, 'A')]),
    );
    expect(ofType(results, 'match').map((match) => [match.reconciliation, match.sequence, match.n])).toEqual([
      ['gateway-to-bank', 2, 0],
      ['second', 2, 1],
    ]);
  });

  it('counts records that no side selects', () => {
    const rules = gatewayToBank();
    const reference = matcher();
    const sources = [...rules.sources, { ...rules.sources[0]!, name: 'loyalty' }];
    reference.apply(rulesMessage(1, at('10:00'), { ...rules, sources }));
    reference.apply(recordsMessage(2, at('10:00'), [record('loyalty', 'l1', 100n, 'A')]));
    expect(reference.counts()).toMatchObject({ records: 1, unrouted: 1, open: 0 });
  });
});

describe('rules', () => {
  const open = (): ReferenceMatcher => {
    const reference = new ReferenceMatcher({ epoch: 0, partition: 0, watermark: 'sources' });
    reference.apply(rulesMessage(1, at('10:00'), gatewayToBank()));
    reference.apply(recordsMessage(2, at('10:00'), [record('gateway', 'g1', 100n, 'A')]));
    return reference;
  };

  it('the same rules again change nothing', () => {
    expect(open().apply(rulesMessage(3, at('10:01'), gatewayToBank()))).toEqual([]);
  });

  it('a changed reconciliation tries its open records anew', () => {
    const reference = open();
    reference.apply(recordsMessage(3, at('10:00'), [record('bank', 'b1', 40n, 'A')]));
    const tolerant = gatewayToBank({
      rules: [{ name: 'tolerant', keys: ['references.reference'], tolerance: { amount: '1' } }],
    });
    const results = reference.apply(rulesMessage(4, at('10:01'), tolerant));
    expect(results).toMatchObject([{ type: 'match', rule: 'tolerant', sequence: 4, n: 0, difference: 60 }]);
    expect(reference.counts().open).toBe(0);
  });

  it('a reconciliation that is gone takes its open records with it', () => {
    const reference = open();
    const rules = gatewayToBank();
    const renamed = rules.reconciliations.map((each) => ({ ...each, name: 'another' }));
    expect(reference.apply(rulesMessage(3, at('10:01'), { ...rules, reconciliations: renamed }))).toEqual([]);
    expect(reference.counts().open).toBe(0);
    const results = reference.apply(recordsMessage(4, at('10:01'), [record('bank', 'b1', 100n, 'A')]));
    expect(ofType(results, 'match')).toEqual([]);
  });

  it('rules that name a calendar which is not defined are refused', () => {
    const reference = open();
    const settle = { of: 'time', cutoff: 0, zone: 'UTC', lag: { ms: 0 }, calendar: ['MARS'] } as const;
    const key = { left: { settleDate: settle }, right: { settleDate: settle } } as const;
    const rules = gatewayToBank({ rules: [{ name: 'r', keys: [key], tolerance: {} }] });
    expect(reference.apply(rulesMessage(3, at('10:01'), rules))).toMatchObject([{ kind: 'rulesRefused' }]);
    const results = reference.apply(recordsMessage(4, at('10:01'), [record('bank', 'b1', 100n, 'A')]));
    expect(ofType(results, 'match')).toHaveLength(1);
  });

  it('a new reconciliation and other sources are taken while the old one keeps its records', () => {
    const reference = open();
    const rules = gatewayToBank();
    const added = { ...rules.reconciliations[0]!, name: 'added' };
    reference.apply(
      rulesMessage(3, at('10:01'), { ...rules, reconciliations: [added, ...rules.reconciliations] }),
    );
    const results = reference.apply(recordsMessage(4, at('10:01'), [record('bank', 'b1', 100n, 'A')]));
    expect(ofType(results, 'match').map((match) => match.reconciliation)).toEqual(['gateway-to-bank']);
    expect(reference.counts().open).toBe(1);
  });

  it('what chooses partitions or remembers identities never changes', () => {
    for (const changed of [{ partitionBy: ['currency'] as const }, { seenHorizon: 1000 }]) {
      const reference = new ReferenceMatcher({ epoch: 0, partition: 0, watermark: 'sources' });
      reference.apply(rulesMessage(1, at('10:00'), gatewayToBank()));
      const results = reference.apply(rulesMessage(2, at('10:00'), { ...gatewayToBank(), ...changed }));
      expect(results).toMatchObject([{ kind: 'rulesRefused' }]);
    }
  });

  it('records before any rules are a log from the wrong place', () => {
    const reference = new ReferenceMatcher({ epoch: 0, partition: 0, watermark: 'sources' });
    expect(() => reference.apply(recordsMessage(1, 0, [record('bank', 'b1', 1n, 'A')]))).toThrow(
      expect.objectContaining({ code: 'logMismatch' }),
    );
  });

  it('too many open records stop it, by name of the setting', () => {
    const reference = new ReferenceMatcher({ epoch: 0, partition: 0, watermark: 'sources' });
    reference.apply(rulesMessage(1, at('10:00'), { ...gatewayToBank(), maxOpenRecords: 1 }));
    reference.apply(recordsMessage(2, at('10:00'), [record('bank', 'b1', 1n, 'A')]));
    expect(() => reference.apply(recordsMessage(3, at('10:00'), [record('bank', 'b2', 1n, 'A')]))).toThrow(
      /engine\.maxOpenRecords/,
    );
  });
});

function at(clock: string): number {
  return Date.parse(`2026-11-22T${clock}:00Z`);
}

/** @param later milliseconds after 10:00 */
function record(source: string, id: string, amount: bigint, reference: string, later = 0): MoneyRecord {
  return {
    source,
    id,
    account: 'default',
    kind: 'charge',
    status: 'booked',
    currency: 'AED',
    amount,
    fee: 0n,
    tax: 0n,
    time: at('10:00') + later,
    precision: 'instant',
    offsetMinutes: 0,
    references: { reference },
    attributes: {},
  };
}
