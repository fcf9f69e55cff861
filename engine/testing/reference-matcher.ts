import { readRecord } from '../codec/index.ts';
import {
  CounterfoilError,
  OVERDUE_PARTITION,
  type Command,
  type LogMessage,
  type MoneyRecord,
  type RecordFrame,
  type RuleSet,
  type SourceFinding,
  type SourceRule,
} from '../domain/index.ts';
import type { KernelOptions } from '../matching/kernel-types.ts';
import { publishRates, takeOverRates } from '../rules/index.ts';
import { InterimRecords } from './reference/accepted.ts';
import { judge, readCommand } from './reference/commands/commands.ts';
import type { CommandOf, Verdict } from './reference/commands/verdict.ts';
import { feeFindings } from './reference/fee-findings.ts';
import { publish } from './reference/new-rates.ts';
import { Partition } from './reference/partition.ts';
import { arriveInPlaceOf, type Accepted } from './reference/replace.ts';
import { changeRules, refusalOf } from './reference/rules-change.ts';
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
  /** Unmatched records in memory, over all lanes. */
  readonly open: number;
  /** Event time; −Infinity before it has moved. */
  readonly watermark: number;
}

/** E0: how many commands are remembered by their ids. */
const REMEMBERED_COMMANDS = 10_000;

/**
 * The truth that the kernel is judged by: the same messages in, the same results out, written as plainly as the
 * specification reads. Lists, maps by exact strings, no arithmetic tricks; slow, and never restored from anything.
 */
export class ReferenceMatcher {
  readonly #options: KernelOptions;
  readonly #partition = new Partition();
  readonly #sources = new SourceWatermark();
  readonly #interim = new InterimRecords();
  #hash: string | undefined;
  #seen = new Seen(null);
  /** Ids of the commands answered last. */
  #answered: string[] = [];
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
    const { emitter } = this.#partition;
    emitter.results = [];
    // §3.2: log time never goes back; it moves first, and what that makes due fires before the message's content.
    const previous = this.#logTime;
    this.#logTime = Math.max(this.#logTime, message.logTime);
    this.#lastSequence = message.sequence;
    emitter.at(message.sequence, this.#logTime);
    this.#sources.advance(this.#logTime);
    this.#followSources();
    if (this.#options.watermark === 'sources') this.#findOverdue(previous);

    const { frame } = message;
    switch (frame.kind) {
      case 'tick':
        // §6, the file command: time passes before a command that stands among the records.
        if (this.#options.watermark === 'records') this.#partition.raise(message.logTime);
        break;
      case 'progress':
        this.#sources.progress(frame.source, frame.time);
        this.#followSources();
        break;
      case 'command':
        // §6, the file command: a command stands at its log time among the records.
        if (this.#options.watermark === 'records') this.#partition.raise(message.logTime);
        this.#applyCommand(frame.json);
        break;
      case 'finding':
        this.#finding(JSON.parse(frame.json) as SourceFinding);
        break;
      case 'rules':
        this.#applyRules(frame.json, frame.hash);
        break;
      case 'records':
        this.#applyRecords(frame, message.sequence);
        break;
    }
    return emitter.results;
  }

  /** The end of the input: every window closes, at the position after the last. */
  finish(): Result[] {
    const { emitter } = this.#partition;
    emitter.results = [];
    emitter.at(this.#lastSequence + 1, this.#logTime);
    this.#partition.raise(Infinity);
    return emitter.results;
  }

  counts(): ReferenceCounts {
    const { reconciliations, watermark } = this.#partition;
    return {
      records: this.#records,
      duplicates: this.#duplicates,
      deadLetters: this.#deadLetters,
      unrouted: this.#unrouted,
      findings: this.#findings,
      commands: this.#commands,
      late: reconciliations.reduce((sum, each) => sum + each.late, this.#lateBefore),
      open: this.#partition.open(),
      watermark,
    };
  }

  #applyRecords(frame: RecordFrame, sequence: number): void {
    const inForce = this.#partition.rules;
    if (inForce === undefined) {
      throw new CounterfoilError(
        'logMismatch',
        `message ${sequence} holds records, but no rules came before it; start reading from the rules message`,
      );
    }
    for (let row = 0; row < frame.count; row++) {
      const record = readRecord(frame, row);
      if (this.#options.watermark === 'sources') {
        this.#applyRecord(inForce, { record, sequence, ordinal: row }, row);
        continue;
      }
      // §6, the file command: each record is a message of its own.
      this.#lastSequence = sequence + row;
      this.#partition.emitter.at(sequence + row, this.#logTime);
      this.#applyRecord(inForce, { record, sequence: sequence + row, ordinal: 0 }, row);
    }
  }

  #applyRecord(rules: RuleSet, arriving: Accepted, row: number): void {
    const { record } = arriving;
    const source = rules.sources.find((each) => each.name === record.source);
    if (source === undefined) {
      this.#refuse(record, row, 'unknownSource', `source "${record.source}" is not in the rules in force`);
      return;
    }
    const amended = source.amends === undefined ? undefined : this.#seen.latestVersion(record, this.#logTime);
    if (!this.#accept(source, arriving, amended, row)) return;
    this.#feeFindings(record);

    // §3.2, per record: raise the watermark, fire what is due (by due time, then arrival), then match.
    if (this.#options.watermark === 'records') this.#partition.raise(record.time);
    this.#sources.record(record.source, record.time, rules.maxAhead);
    this.#followSources();
    this.#route(rules, source, arriving, amended);
  }

  /** §1, identity. What is not accepted changes nothing: no mark, no liveness. @returns whether it is */
  #accept(source: SourceRule, arriving: Accepted, amended: Accepted | undefined, row: number): boolean {
    const { record } = arriving;
    const { results } = this.#partition.emitter;
    const who = { source: record.source, id: record.id, row };
    const seen = this.#seen.look(record, this.#logTime);
    // F1: a source that amends says by the version which content counts.
    const amends = source.amends !== undefined;
    const repeats = amends
      ? amended !== undefined && (record.version ?? 0) <= (amended.record.version ?? 0)
      : seen === 'duplicate';
    if (repeats) {
      this.#duplicates += 1;
      results.push({ type: 'duplicate', ...who });
      return false;
    }
    if (!amends && seen === 'reused' && source.onIdReuse === 'reject') {
      this.#refuse(record, row, 'idConflict', `id "${record.id}" was seen with other content`);
      return false;
    }
    this.#seen.remember(record, this.#logTime);
    if (amends) this.#seen.rememberVersion(arriving, this.#logTime);
    this.#records += 1;
    results.push({ type: 'accepted', ...who });
    if (!amends && seen === 'reused') {
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
    return true;
  }

  /** §4: the record arrives in every lane that takes it, or takes the place of the one that it replaces (F3). */
  #route(rules: RuleSet, source: SourceRule, arriving: Accepted, amended: Accepted | undefined): void {
    const { record, sequence, ordinal } = arriving;
    const items = this.#partition.itemsOf(record, sequence, ordinal);
    if (items.length === 0) this.#unrouted += 1;
    const before = amended ?? this.#interim.supersededBy(record, source, this.#partition.watermark);
    this.#interim.add(arriving, rules.sources);
    if (before === undefined) {
      this.#partition.arrive(items, rules.maxOpenRecords);
      return;
    }
    this.#interim.remove(before);
    arriveInPlaceOf(this.#partition, before, arriving, items, rules.maxOpenRecords);
  }

  #feeFindings(record: MoneyRecord): void {
    for (const finding of feeFindings(this.#partition.reconciliations, record)) this.#finding(finding);
  }

  #followSources(): void {
    if (this.#options.watermark === 'sources') this.#partition.raise(this.#sources.value);
  }

  #findOverdue(previous: number): void {
    for (const source of this.#sources.overdue(previous)) {
      const message = `source "${source}" was due and has not spoken`;
      if (this.#options.partition === OVERDUE_PARTITION)
        this.#finding({ ...ABOUT_NOTHING, kind: 'sourceOverdue', source, message });
    }
  }

  /** E0: a command is answered once; what it does follows its answer. */
  #applyCommand(json: string): void {
    this.#commands += 1;
    const command = readCommand(json);
    if (command === undefined) {
      this.#finding({ ...ABOUT_NOTHING, kind: 'commandInvalid', message: 'a command cannot be read' });
      return;
    }
    if (this.#answered.includes(command.id)) return;
    this.#answered = [...this.#answered, command.id].slice(-REMEMBERED_COMMANDS);
    const verdict = this.#judge(command);
    const accepted = 'carryOut' in verdict;
    this.#partition.emitter.results.push({
      type: 'answer',
      ...this.#partition.emitter.next(),
      commandId: command.id,
      kind: command.kind,
      accepted,
      reason: accepted ? verdict.done : verdict.refused,
      by: command.by,
      why: command.why,
    });
    if (!accepted) return;
    verdict.carryOut();
    this.#partition.fireDue();
  }

  #judge(command: Command): Verdict {
    if (command.kind === 'rules') return this.#judgeRules(command);
    if (command.kind === 'rates') return this.#judgeRates(command);
    return judge(this.#partition, command);
  }

  /** E7: rates come to those of the table; the hash stays, for these are the rules that were given. */
  #judgeRates({ table, rates }: CommandOf<'rates'>): Verdict {
    const before = this.#partition.rules;
    if (before === undefined) return { refused: 'there are no rules' };
    const set = publishRates(before, table, rates);
    if (typeof set === 'string') return { refused: set };
    if (set === before) return { done: 'known', carryOut: () => undefined };
    return { done: 'published', carryOut: () => publish(this.#partition, set) };
  }

  #judgeRules({ json, hash }: CommandOf<'rules'>): Verdict {
    if (hash === this.#hash) return { done: 'these rules are in force already', carryOut: () => undefined };
    const set = parseRules(json);
    if (set === undefined) return { refused: 'the rules are not JSON' };
    const refused = refusalOf(this.#partition.rules, set);
    if (refused !== undefined) return { refused };
    return {
      done: 'the rules are in force',
      carryOut: () => this.#bringIntoForce(takeOverRates(this.#partition.rules, set), hash),
    };
  }

  #applyRules(json: string, hash: string): void {
    if (hash === this.#hash) return;
    const set = JSON.parse(json) as RuleSet;
    const refused = refusalOf(this.#partition.rules, set);
    if (refused !== undefined) {
      const message = `the changed rules are refused: ${refused}`;
      this.#finding({ ...ABOUT_NOTHING, kind: 'rulesRefused', message });
      return;
    }
    this.#bringIntoForce(takeOverRates(this.#partition.rules, set), hash);
    this.#partition.fireDue();
  }

  #bringIntoForce(set: RuleSet, hash: string | undefined): void {
    const before = this.#partition.rules;
    if (before === undefined) this.#seen = new Seen(set.seenHorizon);
    for (const { name, amends } of before?.sources ?? []) {
      if (amends !== undefined && set.sources.find((each) => each.name === name)?.amends === undefined)
        this.#seen.forgetVersions(name);
    }
    this.#lateBefore += changeRules(this.#partition, set);
    this.#sources.setSources(set);
    this.#partition.rules = set;
    this.#hash = hash;
  }

  #finding(finding: SourceFinding): void {
    this.#findings += 1;
    const { emitter } = this.#partition;
    emitter.results.push({ type: 'finding', ...emitter.next(), ...finding });
  }

  #refuse(record: MoneyRecord, row: number, code: 'idConflict' | 'unknownSource', reason: string): void {
    this.#deadLetters += 1;
    const { emitter } = this.#partition;
    const { n } = emitter.next();
    emitter.results.push({ type: 'refused', source: record.source, id: record.id, row, n, code, reason });
  }
}

const ABOUT_NOTHING = { source: '', recordId: '', account: '', currency: '', amount: 0 } as const;

function parseRules(json: string): RuleSet | undefined {
  try {
    return JSON.parse(json) as RuleSet;
  } catch {
    return undefined;
  }
}
