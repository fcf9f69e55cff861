import type { CarriedRecord, CommandKind, Rates, RecordPointer, RuleSet, Side } from '../domain/index.ts';
import { rulesMessage } from './frames.ts';
import type { MatchName, RecordName, TraceLedger } from './trace-ledger.ts';

interface Common {
  readonly id: string;
  readonly by: string;
  readonly why: string;
}

/**
 * A command as a trace holds it: it names records, and matches and breaks by their records. Places in the log come in
 * when messages are made of the trace. A name that means nothing becomes a place where nothing is.
 */
export type TraceCommand =
  | (Common & {
      readonly kind: 'match' | 'adjust' | 'writeOff';
      readonly reconciliation: string;
      readonly records: readonly RecordName[];
    })
  | (Common & {
      readonly kind: 'unmatch';
      readonly match: MatchName;
      /** Added to the match's latest version. */
      readonly versionOffset: number;
      /** Number of the leg that the command forgets to carry. */
      readonly without?: number;
      /** Legs are carried as of the other side. */
      readonly otherSide?: boolean;
    })
  | (Common & { readonly kind: 'reopen'; readonly reconciliation: string; readonly match: MatchName })
  | (Common & {
      readonly kind: 'reopen';
      readonly reconciliation: string;
      readonly records: readonly { readonly side: Side; readonly record: RecordName }[];
    })
  | (Common & {
      readonly kind: 'assignReason';
      readonly reconciliation: string;
      /** The record that names the break: a member of its latest version. */
      readonly member: RecordName;
      /** The record that the command points at, where it is another. */
      readonly record?: RecordName;
      readonly reason: string;
    })
  | (Common & { readonly kind: 'rules'; readonly rules: RuleSet })
  | (Common & { readonly kind: 'rates'; readonly table: string; readonly rates: Rates })
  | { readonly kind: 'raw'; readonly json: string };

/** A place in the log where no record and no result is. */
const NOWHERE = 999_999;

/** The command as it travels: names become places, as the log knows them so far. */
export function commandJson(command: TraceCommand, ledger: TraceLedger): string {
  return command.kind === 'raw' ? command.json : JSON.stringify(resolved(command, ledger));
}

function resolved(command: Exclude<TraceCommand, { kind: 'raw' }>, ledger: TraceLedger): object {
  const { kind, id, by, why } = command;
  const common: { kind: CommandKind; id: string; by: string; why: string } = { kind, id, by, why };
  switch (command.kind) {
    case 'match':
    case 'adjust':
    case 'writeOff':
      return {
        ...common,
        reconciliation: command.reconciliation,
        records: command.records.map((name) => pointer(name, ledger)),
      };
    case 'unmatch':
      return { ...common, ...unmatched(command, ledger) };
    case 'reopen':
      return {
        ...common,
        reconciliation: command.reconciliation,
        ...('match' in command
          ? { match: matchPlace(command.match, ledger) }
          : {
              records: command.records.map(({ side, record }) => ({ side, record: carried(record, ledger) })),
            }),
      };
    case 'assignReason': {
      const { reconciliation, reason, member, record = member } = command;
      const found = ledger.breakOf(reconciliation, member);
      const place =
        found === undefined
          ? { sequence: NOWHERE, n: 0 }
          : { sequence: found.breakSequence, n: found.breakN };
      return { ...common, reconciliation, break: place, record: pointer(record, ledger), reason };
    }
    case 'rates':
      return { ...common, table: command.table, rates: command.rates };
    case 'rules': {
      const { frame } = rulesMessage(0, 0, command.rules);
      return frame.kind === 'rules' ? { ...common, json: frame.json, hash: frame.hash } : common;
    }
  }
}

function unmatched(
  { match: name, versionOffset, without, otherSide }: Extract<TraceCommand, { kind: 'unmatch' }>,
  ledger: TraceLedger,
): object {
  const found = ledger.matchOf(name);
  const legs = found?.legs ?? [{ ...name.leg, side: 'left' as const }];
  return {
    reconciliation: name.reconciliation,
    match: matchPlace(name, ledger),
    version: Math.max(1, (found?.version ?? 1) + versionOffset),
    rule: found?.rule ?? 'rule-0',
    records: legs
      .filter((_, i) => legs.length === 1 || i !== without)
      .map((leg) => ({
        side: otherSide === true ? (leg.side === 'left' ? 'right' : 'left') : leg.side,
        record: 'sequence' in leg ? ledger.carried(leg) : carried(leg, ledger),
      })),
  };
}

function matchPlace(name: MatchName, ledger: TraceLedger): { sequence: number; n: number } {
  const found = ledger.matchOf(name);
  return found === undefined
    ? { sequence: NOWHERE, n: 0 }
    : { sequence: found.matchSequence, n: found.matchN };
}

function pointer(name: RecordName, ledger: TraceLedger): RecordPointer {
  const { source, id } = name;
  return { source, id, sequence: NOWHERE, ordinal: 0, ...ledger.placeOf(name) };
}

function carried(name: RecordName, ledger: TraceLedger): CarriedRecord {
  return ledger.carried(pointer(name, ledger));
}
