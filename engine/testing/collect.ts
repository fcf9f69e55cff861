import type { Break, CommandAnswer, Finding, Match, RecordFrame, RecordRef } from '../domain/index.ts';
import { dictionaryAt, stringAt } from '../codec/index.ts';
import type { ResultSink } from '../matching/kernel-types.ts';
import type { Result } from './results.ts';

/** A sink that copies everything it is told, field by field, because the kernel reuses its objects. */
export class CollectingSink implements ResultSink {
  #results: Result[] = [];

  /** What was collected since the last call. */
  take(): Result[] {
    const results = this.#results;
    this.#results = [];
    return results;
  }

  accepted(frame: RecordFrame, row: number): void {
    this.#results.push({ type: 'accepted', ...rowRef(frame, row) });
  }

  duplicate(frame: RecordFrame, row: number): void {
    this.#results.push({ type: 'duplicate', ...rowRef(frame, row) });
  }

  refused(
    frame: RecordFrame,
    row: number,
    n: number,
    code: 'idConflict' | 'unknownSource',
    reason: string,
  ): void {
    this.#results.push({ type: 'refused', ...rowRef(frame, row), n, code, reason });
  }

  match(match: Match): void {
    this.#results.push({
      type: 'match',
      state: match.state,
      sequence: match.sequence,
      n: match.n,
      logTime: match.logTime,
      matchSequence: match.matchSequence,
      matchN: match.matchN,
      version: match.version,
      reconciliation: match.reconciliation,
      pools: [match.pools[0], match.pools[1]],
      rule: match.rule,
      fields: [...match.fields],
      account: match.account,
      currency: match.currency,
      ...(match.leftCurrency === undefined ? {} : { leftCurrency: match.leftCurrency }),
      legs: match.legs.map((leg) => ({ ...recordRef(leg), side: leg.side, allocated: leg.allocated })),
      difference: match.difference,
      causes: { ...match.causes },
      ...(match.rate === undefined ? {} : { rate: match.rate }),
      lagMs: match.lagMs,
    });
  }

  break(version: Break): void {
    const { why, resolvedBy } = version;
    this.#results.push({
      type: 'break',
      sequence: version.sequence,
      n: version.n,
      logTime: version.logTime,
      breakSequence: version.breakSequence,
      breakN: version.breakN,
      version: version.version,
      state: version.state,
      reconciliation: version.reconciliation,
      pools: [version.pools[0], version.pools[1]],
      kind: version.kind,
      account: version.account,
      currency: version.currency,
      ...(version.leftCurrency === undefined ? {} : { leftCurrency: version.leftCurrency }),
      members: version.members.map((member) => ({
        ...recordRef(member),
        side: member.side,
        amount: member.amount,
      })),
      amount: version.amount,
      dueTime: version.dueTime,
      why: {
        rule: why.rule,
        condition: why.condition,
        ...(why.records === undefined ? {} : { records: why.records.map(recordRef) }),
        ...(why.difference === undefined ? {} : { difference: why.difference }),
        ...(why.tolerance === undefined ? {} : { tolerance: why.tolerance }),
        ...(why.timeDifference === undefined ? {} : { timeDifference: why.timeDifference }),
        ...(why.match === undefined ? {} : { match: { sequence: why.match.sequence, n: why.match.n } }),
      },
      reason: version.reason,
      ...(resolvedBy === undefined ? {} : { resolvedBy: { sequence: resolvedBy.sequence, n: resolvedBy.n } }),
    });
  }

  finding(finding: Finding): void {
    this.#results.push({
      type: 'finding',
      sequence: finding.sequence,
      n: finding.n,
      logTime: finding.logTime,
      kind: finding.kind,
      source: finding.source,
      recordId: finding.recordId,
      account: finding.account,
      currency: finding.currency,
      amount: finding.amount,
      message: finding.message,
    });
  }

  answer(answer: CommandAnswer): void {
    this.#results.push({
      type: 'answer',
      sequence: answer.sequence,
      n: answer.n,
      logTime: answer.logTime,
      commandId: answer.commandId,
      kind: answer.kind,
      accepted: answer.accepted,
      reason: answer.reason,
      by: answer.by,
      why: answer.why,
    });
  }
}

function rowRef(frame: RecordFrame, row: number): { source: string; id: string; row: number } {
  return { source: dictionaryAt(frame.source, row), id: stringAt(frame.id, row), row };
}

/** Ids may be getters of a reused object: they are read here, once. */
function recordRef(ref: RecordRef): RecordRef {
  return { source: ref.source, id: ref.id, sequence: ref.sequence, ordinal: ref.ordinal };
}
