import { isDeepStrictEqual } from 'node:util';
import { readRecord } from '../codec/index.ts';
import {
  CounterfoilError,
  type LogMessage,
  type MoneyRecord,
  type RecordFrame,
  type RuleSet,
  type RulesFrame,
  type SourceFinding,
} from '../domain/index.ts';
import type { KernelOptions } from '../matching/kernel-types.ts';
import { Emitter } from './reference/emitter.ts';
import { EventQueue } from './reference/event-queue.ts';
import { ReferenceReconciliation } from './reference/reconciliation.ts';
import { Seen } from './reference/seen.ts';
import { SourceWatermark } from './reference/watermark.ts';
import type { Result } from './results.ts';

/** What the matcher has counted since it began. */
export interface ReferenceCounts {
  readonly records: number;
  readonly duplicates: number;
  readonly deadLetters: number;
  readonly unrouted: number;
  readonly findings: number;
  readonly commands: number;
  readonly late: number;
  /** Unmatched records in memory, over all reconciliations. */
  readonly open: number;
  /** Event time; −Infinity before it has moved. */
  readonly watermark: number;
}

/**
 * The truth that the kernel is judged by: the same messages in, the same results out, written as plainly as the
 * specification reads. Lists, maps by exact strings, no arithmetic tricks; slow, and never restored from anything.
 */
export class ReferenceMatcher {
  readonly #options: KernelOptions;
  readonly #emitter = new Emitter();
  readonly #events = new EventQueue();
  readonly #sources = new SourceWatermark();
  #rules: { readonly set: RuleSet; readonly hash: string } | undefined;
  #reconciliations: ReferenceReconciliation[] = [];
  #seen = new Seen(null);
  #watermark = -Infinity;
  #logTime = -Infinity;
  #lastSequence = 0;
  #records = 0;
  #duplicates = 0;
  #deadLetters = 0;
  #unrouted = 0;
  #findings = 0;
  #commands = 0;
  #lateBefore = 0;

  constructor(options: KernelOptions) {
    this.#options = options;
  }

  /** Applies one message of the log. @throws CounterfoilError `openRecordsLimit`, `logMismatch` */
  apply(message: LogMessage): Result[] {
    this.#emitter.results = [];
    // §3.2: log time never goes back; it moves first, and what that makes due fires before the message's content.
    this.#logTime = Math.max(this.#logTime, message.logTime);
    this.#lastSequence = message.sequence;
    this.#emitter.at(message.sequence, this.#logTime);
    this.#sources.advance(this.#logTime);
    this.#followSources();

    const { frame } = message;
    switch (frame.kind) {
      case 'tick':
        break;
      case 'progress':
        this.#sources.progress(frame.source, frame.time);
        this.#followSources();
        break;
      case 'command':
        this.#commands += 1;
        break;
      case 'finding':
        this.#finding(JSON.parse(frame.json) as SourceFinding);
        break;
      case 'rules':
        this.#applyRules(frame);
        break;
      case 'records':
        this.#applyRecords(frame, message.sequence);
        break;
    }
    return this.#emitter.results;
  }

  /** The end of the input: every window closes, at the position after the last. */
  finish(): Result[] {
    this.#emitter.results = [];
    this.#emitter.at(this.#lastSequence + 1, this.#logTime);
    this.#raise(Infinity);
    return this.#emitter.results;
  }

  counts(): ReferenceCounts {
    return {
      records: this.#records,
      duplicates: this.#duplicates,
      deadLetters: this.#deadLetters,
      unrouted: this.#unrouted,
      findings: this.#findings,
      commands: this.#commands,
      late: this.#reconciliations.reduce((sum, each) => sum + each.late, this.#lateBefore),
      open: this.#open(),
      watermark: this.#watermark,
    };
  }

  #applyRecords(frame: RecordFrame, sequence: number): void {
    const inForce = this.#rules?.set;
    if (inForce === undefined) {
      throw new CounterfoilError(
        'logMismatch',
        `message ${sequence} holds records, but no rules came before it; start reading from the rules message`,
      );
    }
    for (let row = 0; row < frame.count; row++) {
      const record = readRecord(frame, row);
      if (this.#options.watermark === 'sources') {
        this.#applyRecord(inForce, record, row, sequence, row);
        continue;
      }
      // §6, the file command: each record is a message of its own.
      this.#lastSequence = sequence + row;
      this.#emitter.at(sequence + row, this.#logTime);
      this.#applyRecord(inForce, record, row, sequence + row, 0);
    }
  }

  #applyRecord(rules: RuleSet, record: MoneyRecord, row: number, sequence: number, ordinal: number): void {
    // §1, identity. What is not accepted changes nothing: no mark, no liveness.
    const source = rules.sources.find((each) => each.name === record.source);
    if (source === undefined) {
      this.#refuse(record, row, 'unknownSource', `source "${record.source}" is not in the rules in force`);
      return;
    }
    const seen = this.#seen.look(record, this.#logTime);
    const who = { source: record.source, id: record.id, row };
    if (seen === 'duplicate') {
      this.#duplicates += 1;
      this.#emitter.results.push({ type: 'duplicate', ...who });
      return;
    }
    if (seen === 'reused' && source.onIdReuse === 'reject') {
      this.#refuse(record, row, 'idConflict', `id "${record.id}" was seen with other content`);
      return;
    }
    this.#seen.remember(record, this.#logTime);
    this.#records += 1;
    this.#emitter.results.push({ type: 'accepted', ...who });
    if (seen === 'reused') {
      this.#finding({
        kind: 'idReused',
        source: record.source,
        recordId: record.id,
        account: record.account,
        currency: record.currency,
        amount: Number(record.amount),
        message: `id "${record.id}" of source "${record.source}" came again with other content: a record of its own`,
      });
    }

    // §3.2, per record: raise the watermark, fire what is due (by due time, then arrival), then match.
    if (this.#options.watermark === 'records') this.#raise(record.time);
    this.#sources.record(record.source, record.time, rules.maxAhead);
    this.#followSources();

    // §4: every reconciliation that selects the source has a pool of its own for it.
    let routed = false;
    for (const reconciliation of this.#reconciliations) {
      const side = reconciliation.sideOf(record.source);
      if (side === undefined) continue;
      routed = true;
      reconciliation.arrive(record, side, sequence, ordinal, this.#watermark);
      if (this.#open() > rules.maxOpenRecords) {
        throw new CounterfoilError(
          'openRecordsLimit',
          `more than ${rules.maxOpenRecords} open records; raise engine.maxOpenRecords or shorten windows and retain`,
        );
      }
    }
    if (!routed) this.#unrouted += 1;
  }

  #followSources(): void {
    if (this.#options.watermark === 'sources') this.#raise(this.#sources.value);
  }

  /**
   * The watermark never goes back. Everything that it is past fires, in order; what an event schedules takes its place
   * in that order.
   */
  #raise(watermark: number): void {
    this.#watermark = Math.max(this.#watermark, watermark);
    for (;;) {
      const event = this.#events.takeDue(this.#watermark);
      if (event === undefined) return;
      const { reconciliation } = event.record;
      if (event.kind === 'expiry') reconciliation.expire(event.record);
      else reconciliation.evict(event.record);
    }
  }

  /** A change of rules is taken whole or refused whole: it may not pull a definition from under open records. */
  #applyRules(frame: RulesFrame): void {
    if (frame.hash === this.#rules?.hash) return;
    const set = JSON.parse(frame.json) as RuleSet;
    const refusal = this.#rules === undefined ? undefined : this.#refusalOf(this.#rules.set, set);
    if (refusal !== undefined) {
      this.#finding({
        kind: 'rulesRefused',
        source: '',
        recordId: '',
        account: '',
        currency: '',
        amount: 0,
        message: `the changed rules are refused: ${refusal}`,
      });
      return;
    }
    if (this.#rules === undefined) this.#seen = new Seen(set.seenHorizon);
    const before = this.#reconciliations;
    this.#reconciliations = set.reconciliations.map((definition, index) => {
      const kept = before.find((each) => isDeepStrictEqual(each.definition, definition));
      const next = kept ?? new ReferenceReconciliation(definition, this.#events, this.#emitter);
      next.index = index;
      return next;
    });
    for (const each of before) {
      if (!this.#reconciliations.includes(each)) this.#lateBefore += each.late;
    }
    this.#events.sort();
    this.#sources.setSources(set.sources);
    this.#rules = { set, hash: frame.hash };
  }

  #refusalOf(inForce: RuleSet, next: RuleSet): string | undefined {
    if (!isDeepStrictEqual(inForce.partitionBy, next.partitionBy)) return 'partitionBy differs';
    if (inForce.seenHorizon !== next.seenHorizon) return 'seenHorizon differs';
    for (const { definition, open } of this.#reconciliations) {
      const same = next.reconciliations.some((each) => isDeepStrictEqual(each, definition));
      if (!same && open > 0) {
        return `reconciliation "${definition.name}" is changed or gone while ${open} of its records are unmatched`;
      }
    }
    return undefined;
  }

  #finding(finding: SourceFinding): void {
    this.#findings += 1;
    this.#emitter.results.push({ type: 'finding', ...this.#emitter.next(), ...finding });
  }

  #refuse(record: MoneyRecord, row: number, code: 'idConflict' | 'unknownSource', reason: string): void {
    this.#deadLetters += 1;
    const { n } = this.#emitter.next();
    this.#emitter.results.push({
      type: 'refused',
      source: record.source,
      id: record.id,
      row,
      n,
      code,
      reason,
    });
  }

  #open(): number {
    return this.#reconciliations.reduce((sum, each) => sum + each.open, 0);
  }
}
