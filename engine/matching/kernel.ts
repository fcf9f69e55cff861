import type {
  LogMessage,
  PartitionSummary,
  Rates,
  RecordFrame,
  RulesFrame,
  RuleSet,
  SourceFinding,
} from '../domain/index.ts';
import { CounterfoilError, OVERDUE_PARTITION } from '../domain/index.ts';
import { Calendars, publishRates, takeOverRates } from '../rules/index.ts';
import { Blobs } from './blobs.ts';
import { Commander, type CommandHost } from './commands/commander.ts';
import { Reindexing } from './commands/reindexing.ts';
import { ORDINALS } from './entries.ts';
import { KernelCore } from './core.ts';
import { findFeeVariance } from './fee-findings.ts';
import type {
  ExpiryBudget,
  Kernel,
  KernelOptions,
  KernelSnapshot,
  ResultSink,
  SeenSegment,
} from './kernel-types.ts';
import { Matcher } from './matcher.ts';
import { AMENDMENT, FIRST_VERSION, OLD_VERSION } from './replacing/amendments.ts';
import { Replacing } from './replacing/replacing.ts';
import { RowReader } from './row-reader.ts';
import { RulesInForce, selectLanes, type Lane, type Route } from './rules-in-force.ts';
import { SEEN_BUCKETS, SEEN_DUPLICATE, SEEN_OTHER_CONTENT, SeenSet } from './seen-set.ts';
import { takeSnapshot, type KernelParts } from './take-snapshot.ts';
import { SourceWatermark } from './source-watermark.ts';

const UNBOUNDED: ExpiryBudget = {
  perRecord: Number.POSITIVE_INFINITY,
  perMessage: Number.POSITIVE_INFINITY,
};

/** What has been counted since the partition began. */
export interface Counters {
  records: number;
  duplicates: number;
  unrouted: number;
  commands: number;
  lastSequence: number;
  /** Hash of the last `rules` message that was taken. */
  rulesMessage: string;
}

/** One partition's matcher: see {@link Kernel}. */
export class PartitionKernel implements Kernel, KernelParts {
  readonly options: KernelOptions;
  readonly reader: RowReader;
  readonly core: KernelCore;
  readonly matcher: Matcher;
  readonly sources: SourceWatermark = new SourceWatermark();
  readonly counters: Counters = {
    records: 0,
    duplicates: 0,
    unrouted: 0,
    commands: 0,
    lastSequence: 0,
    rulesMessage: '',
  };
  readonly commander: Commander;
  readonly replacing: Replacing;
  readonly #host: CommandHost;
  readonly #budget: ExpiryBudget;
  seen: SeenSet = new SeenSet();
  rules: RulesInForce | undefined;

  constructor(options: KernelOptions, reader: RowReader = new RowReader(), blobs: Blobs = new Blobs()) {
    this.options = options;
    this.#budget = options.expiry ?? UNBOUNDED;
    this.reader = reader;
    this.core = new KernelCore(reader, blobs);
    this.matcher = new Matcher(this.core);
    this.#host = {
      stateNamed: (name) => this.rules?.reconciliations.find((state) => state.definition.name === name),
      lanesOfRow: () => this.#lanesOfRow(),
      prepareRules: (set, json, hash) => this.#prepareRules(set, json, hash),
      prepareRates: (table, rates) => this.#prepareRates(table, rates),
    };
    this.replacing = new Replacing(this.matcher);
    this.commander = new Commander(this.matcher, this.#host);
  }

  apply(message: LogMessage, sink: ResultSink): void {
    const { emitter } = this.core;
    emitter.sink = sink;
    this.sources.advance(message.logTime);
    this.counters.lastSequence = message.sequence;
    emitter.at(message.sequence, this.sources.logTime);
    if (message.frame.kind !== 'records') this.matcher.due.allowMessage(this.#budget);
    this.#follow();
    if (this.options.watermark === 'sources')
      this.sources.findOverdue((source, due) => this.#overdue(source, due));
    const { frame } = message;
    switch (frame.kind) {
      case 'tick':
        // By records, time passes by them alone, and by the ticks that are put between them before a command.
        if (this.options.watermark === 'records') this.matcher.raiseWithin(message.logTime);
        break;
      case 'progress':
        this.sources.progress(frame.source, frame.time);
        this.#follow();
        break;
      case 'command':
        this.counters.commands++;
        // What is due has happened before. By records, a command is as late as the log says.
        this.matcher.raise(this.options.watermark === 'records' ? message.logTime : this.core.watermark);
        this.commander.apply(frame.json);
        break;
      case 'finding':
        emitter.finding(parse(frame.json, message.sequence) as SourceFinding);
        break;
      case 'rules':
        this.#applyRules(frame, message.sequence);
        break;
      case 'records':
        this.#applyRecords(frame, message.sequence);
        break;
    }
  }

  finish(sink: ResultSink): void {
    const { emitter } = this.core;
    emitter.sink = sink;
    emitter.at(this.counters.lastSequence + 1, this.sources.logTime);
    this.matcher.raise(Number.POSITIVE_INFINITY);
  }

  get rulesHash(): string {
    return this.counters.rulesMessage;
  }

  get isBehind(): boolean {
    return this.matcher.due.isBehind;
  }

  get inForce(): RulesInForce | undefined {
    return this.rules;
  }

  summary(): PartitionSummary {
    const { core, reader, counters } = this;
    const reconciliations = (this.rules?.reconciliations ?? []).flatMap((state) =>
      state
        .allTotals()
        .map((totals) => totals.summary(state.definition.name, reader.currencies.text(totals.currency))),
    );
    return {
      partition: this.options.partition,
      sequence: counters.lastSequence,
      logTime: Number.isFinite(this.sources.logTime) ? this.sources.logTime : 0,
      watermark: Number.isFinite(core.watermark) ? core.watermark : null,
      records: counters.records,
      duplicates: counters.duplicates,
      unrouted: counters.unrouted,
      findings: core.emitter.findings,
      deadLetters: core.emitter.refusals,
      open: core.open,
      reconciliations,
    };
  }

  snapshot(): KernelSnapshot {
    return takeSnapshot(this);
  }

  pendingSeen(): readonly SeenSegment[] {
    return this.seen.pending();
  }

  seenWritten(): void {
    this.seen.written();
  }

  #applyRecords(frame: RecordFrame, sequence: number): void {
    const { rules, reader } = this;
    if (rules === undefined) {
      throw new CounterfoilError(
        'logMismatch',
        `message ${sequence} holds records, but no rules came before it; the log must be read from its rules message on`,
      );
    }
    if (frame.count > ORDINALS) {
      throw new CounterfoilError(
        'internal',
        `message ${sequence} holds ${frame.count} records, more than the ${ORDINALS} that have a place in a message; cut it smaller`,
      );
    }
    reader.bind(frame);
    this.seen.enter(this.#bucket(rules.set.seenHorizon));
    const perRecord = this.options.watermark === 'records';
    for (let row = 0; row < frame.count; row++) {
      if (perRecord) {
        this.counters.lastSequence = sequence + row;
        this.core.emitter.at(sequence + row, this.sources.logTime);
        this.#applyRow(rules, frame, row, (sequence + row) * ORDINALS);
      } else {
        this.#applyRow(rules, frame, row, sequence * ORDINALS + row);
      }
    }
  }

  #applyRow(rules: RulesInForce, frame: RecordFrame, row: number, arrival: number): void {
    const { reader, core, seen } = this;
    reader.read(row);
    const route = reader.source < 0 ? undefined : rules.routes[reader.source];
    if (route === undefined) {
      core.emitter.refused(
        frame,
        row,
        'unknownSource',
        'the record’s source is not in the rules in force; add it to sources, or stop what sends it',
      );
      return;
    }
    reader.fingerprint();
    const { a, b, c, d } = reader.identity;
    const verdict = seen.probe(a, b, c, d, reader.content);
    const { amendments } = this.replacing;
    const version = frame.version[row]!;
    const amending = route.amends
      ? amendments.probe(reader.identity, reader.source, version, seen.bucket)
      : FIRST_VERSION;
    if (route.amends ? amending === OLD_VERSION : verdict === SEEN_DUPLICATE) {
      this.counters.duplicates++;
      core.emitter.sink.duplicate(frame, row);
      return;
    }
    if (verdict === SEEN_OTHER_CONTENT && route.rejectsIdReuse && !route.amends) {
      core.emitter.refused(
        frame,
        row,
        'idConflict',
        'the source sent other content under this id before, and does not accept that; correct it at its source, or set onIdReuse: accept',
      );
      return;
    }
    if (verdict !== SEEN_DUPLICATE) seen.add(a, b, c, d, reader.content);
    if (route.amends)
      amendments.remember(reader.identity, reader.source, version, seen.bucket, arrival, reader.time);
    this.counters.records++;
    core.emitter.sink.accepted(frame, row);
    if (verdict === SEEN_OTHER_CONTENT && !route.amends) this.#idReused();
    core.row.arrival = arrival;
    const lanes = selectLanes(route, core.row);
    if (rules.set.feeContracts !== undefined) {
      findFeeVariance(lanes, core.row, (finding) => core.emitter.finding(finding));
    }
    this.#moveTime(route);
    reader.readFields(route.plainFields);
    if (lanes.length === 0) this.counters.unrouted++;
    const { due } = this.matcher;
    const former = amending === AMENDMENT ? amendments.former : -1;
    const replaced = route.isConcerned ? this.replacing.replacedBy(former) : -1;
    if (due.isBehind) due.handleBefore(lanes, this.replacing.entriesOf(replaced));
    if (replaced >= 0) this.replacing.arrive(frame, lanes, route.isShared, replaced);
    else if (route.isShared) this.matcher.arriveShared(lanes);
    else this.matcher.arrive(lanes);
    if (due.isBehind) due.rowIsIn();
  }

  /** An accepted record shows that its source lives, and how far it is. */
  #moveTime(route: Route): void {
    this.matcher.due.allowRow(this.#budget);
    if (this.options.watermark === 'records') {
      this.matcher.raiseWithin(this.reader.time);
      return;
    }
    this.sources.record(route.source, this.reader.time);
    this.#follow();
  }

  #follow(): void {
    if (this.options.watermark === 'sources') this.matcher.raiseWithin(this.sources.value);
  }

  #idReused(): void {
    const { reader, core } = this;
    const source = reader.sources.text(reader.source);
    const recordId = reader.id();
    core.emitter.finding({
      kind: 'idReused',
      source,
      recordId,
      account: reader.accounts.text(reader.account),
      currency: reader.currencies.text(reader.currency),
      amount: reader.amount,
      message: `id "${recordId}" of source "${source}" came again with other content; it was taken as a record of its own`,
    });
  }

  #applyRules(frame: RulesFrame, sequence: number): void {
    const change = this.#prepareRules(parse(frame.json, sequence) as RuleSet, frame.json, frame.hash);
    if (typeof change !== 'string') {
      this.counters.rulesMessage = frame.hash;
      change();
      return;
    }
    this.core.emitter.finding({
      kind: 'rulesRefused',
      source: '',
      recordId: '',
      account: '',
      currency: '',
      amount: 0,
      message: `the new rules are refused: ${change}`,
    });
  }

  /** What puts new rules in force; or why they are refused, in one line. */
  #prepareRules(set: RuleSet, json: string, hash: string): (() => void) | string {
    const before = this.rules?.set;
    if (hash === this.rules?.hash) return () => undefined;
    if (before?.publishedRates === undefined) return this.#preparePlain(set, json, hash);
    const whole = takeOverRates(before, set);
    return this.#preparePlain(whole, JSON.stringify(whole), hash);
  }

  /** What puts further published rates in force; undefined where they are in force; or why they are refused. */
  #prepareRates(table: string, rates: Rates): (() => void) | string | undefined {
    if (this.rules === undefined) return 'no rules are in force yet';
    const { set, hash } = this.rules;
    const next = publishRates(set, table, rates);
    if (typeof next === 'string') return next;
    // The hash stays: it tells which rules were given, and these are they.
    return next === set ? undefined : this.#preparePlain(next, JSON.stringify(next), hash);
  }

  #preparePlain(set: RuleSet, json: string, hash: string): (() => void) | string {
    const before = this.rules;
    const prepared = RulesInForce.prepare(set, json, hash, before, this.core);
    if (typeof prepared === 'string') return prepared;
    return () => {
      // What is due happens by the rules under which it was due.
      this.matcher.raise(this.core.watermark);
      const reindexing = new Reindexing(this.matcher, before?.reconciliations ?? [], prepared.change);
      reindexing.takeOut();
      this.rules = prepared.rules;
      prepared.enact();
      this.sources.setSources(set.sources, set.maxAhead, new Calendars(set.calendars));
      this.replacing.setSources(set.sources);
      reindexing.bringBack(this.#host);
      this.matcher.raise(Number.NEGATIVE_INFINITY);
      this.matcher.expiring.endMessage();
    };
  }

  /** The lanes that take the row at hand; what their rules compare of it is read. */
  #lanesOfRow(): readonly Lane[] {
    const route = this.rules?.routes[this.reader.source];
    if (route === undefined) return [];
    this.reader.readFields(route.plainFields);
    return selectLanes(route, this.core.row);
  }

  /** Every partition waits for the source; one of them says so. */
  #overdue(source: string, due: number): void {
    if (this.options.partition !== OVERDUE_PARTITION) return;
    this.core.emitter.finding({
      kind: 'sourceOverdue',
      source,
      recordId: '',
      account: '',
      currency: '',
      amount: 0,
      message: `source "${source}" was due at ${new Date(due).toISOString()} and has not been heard since it was due before`,
    });
  }

  /** Memory of identities ends on the boundaries of buckets of log time. */
  #bucket(horizon: number | null): number {
    return horizon === null ? 0 : Math.floor(this.sources.logTime / (horizon / SEEN_BUCKETS));
  }
}

function parse(json: string, sequence: number): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new CounterfoilError(
      'undecodableFrame',
      `message ${sequence} holds no JSON where it should: ${(cause as Error).message}; the log was written by something else`,
      { cause },
    );
  }
}
