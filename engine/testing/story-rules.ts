import { parseDuration, type Reconciliation, type RuleSet, type SourceRule } from '../domain/index.ts';
import type { Story } from './story.ts';

/** Plain settings for worked cases: what a story does not name is as here. */
interface Setting {
  readonly before?: string;
  readonly after?: string;
  readonly grace?: string;
  readonly retain?: string;
  readonly rules?: Reconciliation['rules'];
  readonly sources?: readonly SourceRule[];
  readonly seenHorizon?: string;
}

const BY_REFERENCE: Reconciliation['rules'] = [
  { name: 'by-reference', keys: ['references.reference'], tolerance: { amount: '0.50' } },
];

/** One reconciliation, gateway (left) to bank (right): right from 1 hour before to 3 hours after left, tolerance 0.50. */
export function gatewayToBank(setting: Setting = {}): RuleSet {
  return {
    reconciliations: [
      {
        name: 'gateway-to-bank',
        left: { sources: ['gateway'] },
        right: { sources: ['bank'] },
        window: {
          before: parseDuration(setting.before ?? '1h'),
          after: parseDuration(setting.after ?? '3h'),
          grace: parseDuration(setting.grace ?? '0s'),
        },
        retain: parseDuration(setting.retain ?? '30d'),
        rules: setting.rules ?? BY_REFERENCE,
        nullValues: ['NONREF', 'N/A'],
      },
    ],
    sources: setting.sources ?? [source('gateway'), source('bank')],
    partitionBy: ['account'],
    maxAhead: parseDuration('2d'),
    seenHorizon: setting.seenHorizon === undefined ? null : parseDuration(setting.seenHorizon),
    maxOpenRecords: 1000,
  };
}

export function source(
  name: string,
  given: { outOfOrder?: string; idleTimeout?: string; onIdReuse?: 'reject' } = {},
): SourceRule {
  return {
    name,
    outOfOrder: parseDuration(given.outOfOrder ?? '0s'),
    idleTimeout: parseDuration(given.idleTimeout ?? '30m'),
    onIdReuse: given.onIdReuse ?? 'accept',
  };
}

/** A story told in the manner of the file command: the watermark is the time of the record at hand. */
export function story(
  name: string,
  given: RuleSet,
  told: readonly string[],
  expected: readonly string[],
): Story {
  return { name, watermark: 'records', rules: given, told, expected };
}
