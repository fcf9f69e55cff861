import type { LogMessage, MoneyRecord, RuleSet } from '../domain/index.ts';
import { rulesMessage } from './frames.ts';

/** A record that a story has told, with its place in the log. */
export interface Told {
  readonly record: MoneyRecord;
  readonly sequence: number;
  readonly ordinal: number;
}

/** A place in the log, as a name of the record that lies there. */
export function placeName({ sequence, ordinal }: Pick<Told, 'sequence' | 'ordinal'>): string {
  return `${sequence}.${ordinal}`;
}

/** What commands of a story refer to. */
export interface CommandContext {
  readonly told: ReadonlyMap<string, Told>;
  readonly rules: Readonly<{ [name: string]: RuleSet }>;
}

/**
 * A command as a story writes it, about the one reconciliation of its rules:
 * `match ID ID …`, `adjust ID ID …`, `writeOff ID …`, `unmatch MATCH vVERSION RULE left:ID right:ID …`,
 * `reopen MATCH`, `reopen left:ID …`, `assignReason BREAK ID REASON`, `rates TABLE FROM TO DATE RATE`, `rules NAME`. A match or break is named by its
 * identifier, such as `3-0`.
 */
export function commandOf(
  words: readonly string[],
  reconciliation: string,
  sequence: number,
  context: CommandContext,
): object {
  const [kind, ...rest] = words as [string, ...string[]];
  const common = { id: `command-${sequence}`, by: 'amira', why: 'as the bank says', kind };
  const pointer = (id: string): object => {
    const { record, ...place } = context.told.get(id)!;
    return { source: record.source, id: record.id, ...place };
  };
  const carried = (word: string): object => {
    const [side, id] = word.split(':') as [string, string];
    const { record, ...place } = context.told.get(id)!;
    return { side, record: { ...plainOf(record), ...place } };
  };
  switch (kind) {
    case 'match':
    case 'adjust':
    case 'writeOff':
      return { ...common, reconciliation, records: rest.map(pointer) };
    case 'unmatch': {
      const [match, version, rule, ...records] = rest as [string, string, string, ...string[]];
      return {
        ...common,
        reconciliation,
        match: positionOf(match),
        version: Number(version.slice(1)),
        rule,
        records: records.map(carried),
      };
    }
    case 'reopen':
      return rest[0]!.includes(':')
        ? { ...common, reconciliation, records: rest.map(carried) }
        : { ...common, reconciliation, match: positionOf(rest[0]!) };
    case 'assignReason': {
      const [broken, id, reason] = rest as [string, string, string];
      return { ...common, reconciliation, break: positionOf(broken), record: pointer(id), reason };
    }
    case 'rates': {
      const [table, from, to, date, rate] = rest;
      return { ...common, table, rates: [{ from, to, date, rate }] };
    }
    default: {
      const { json, hash } = rulesFrameOf(context.rules[rest[0]!]!);
      return { ...common, json, hash };
    }
  }
}

/** Amounts are numbers in JSON. */
function plainOf(record: MoneyRecord): object {
  return JSON.parse(
    JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
  ) as object;
}

function positionOf(text: string): { readonly sequence: number; readonly n: number } {
  const [sequence, n] = text.split('-').map(Number) as [number, number];
  return { sequence, n };
}

function rulesFrameOf(rules: RuleSet): { readonly json: string; readonly hash: string } {
  const { frame } = rulesMessage(0, 0, rules) as LogMessage & { frame: { json: string; hash: string } };
  return { json: frame.json, hash: frame.hash };
}
