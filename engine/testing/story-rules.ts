import {
  feeContractSchema,
  parseDuration,
  reconciliationSchema,
  type Reconciliation,
  type RuleSet,
  type SourceRule,
} from '../domain/index.ts';
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

/** What a worked case says of its configuration, in the words of a rules file. */
interface Written {
  readonly reconciliations: readonly object[];
  /** What sources say beyond their names. */
  readonly sources?: Readonly<{ [name: string]: Partial<SourceRule> }>;
  readonly feeContracts?: Readonly<{ [name: string]: object }>;
  readonly calendars?: RuleSet['calendars'];
  readonly rates?: RuleSet['rates'];
}

/** Rules as a rules file writes them: durations, keys and filters in their short forms. */
export function written(given: Written): RuleSet {
  const reconciliations = given.reconciliations.map((each) => reconciliationSchema.parse(each));
  const names = new Set(reconciliations.flatMap(({ left, right }) => [...left.sources, ...right.sources]));
  const contracts = Object.entries(given.feeContracts ?? {});
  return {
    ...gatewayToBank(),
    reconciliations,
    sources: [...names].map((name) => ({ ...source(name), ...given.sources?.[name] })),
    feeContracts: Object.fromEntries(contracts.map(([name, each]) => [name, feeContractSchema.parse(each)])),
    ...(given.calendars === undefined ? {} : { calendars: given.calendars }),
    ...(given.rates === undefined ? {} : { rates: given.rates }),
  };
}
