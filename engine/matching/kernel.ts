import type {
  LogMessage,
  PartitionSummary,
  RecordFrame,
  RulesFrame,
  RuleSet,
  SourceFinding,
} from '../domain/index.ts';
import { CounterfoilError } from '../domain/index.ts';
import { Blobs } from './blobs.ts';
import { ORDINALS } from './entries.ts';
import type { Kernel, KernelOptions, KernelSnapshot, ResultSink, SeenSegment } from './kernel-types.ts';
import { Matcher } from './matcher.ts';
import { RowReader } from './row-reader.ts';
import { MAX_RECONCILIATIONS, RulesInForce, type Route } from './rules-in-force.ts';
import { SEEN_BUCKETS, SEEN_DUPLICATE, SEEN_OTHER_CONTENT, SeenSet } from './seen-set.ts';
import { takeSnapshot, type KernelParts } from './take-snapshot.ts';
import { SourceWatermark } from './source-watermark.ts';

/** What has been counted since the partition began. */
export interface Counters {
  records: number;
  duplicates: number;
  unrouted: number;
  commands: number;
  lastSequence: number;
}

/** One partition's matcher: see {@link Kernel}. */
export class PartitionKernel implements Kernel, KernelParts {
  readonly options: KernelOptions;
  readonly reader: RowReader;
  readonly matcher: Matcher;
  readonly sources: SourceWatermark = new SourceWatermark();
  readonly counters: Counters = {
    records: 0,
    duplicates: 0,
    unrouted: 0,
    commands: 0,
    lastSequence: 0,
  };
  seen: SeenSet = new SeenSet();
  rules: RulesInForce | undefined;

  constructor(options: KernelOptions, reader: RowReader = new RowReader(), blobs: Blobs = new Blobs()) {
    this.options = options;
    this.reader = reader;
    this.matcher = new Matcher(reader, blobs);
  }

  apply(message: LogMessage, sink: ResultSink): void {
    const { emitter } = this.matcher;
    emitter.sink = sink;
    this.sources.advance(message.logTime);
    this.counters.lastSequence = message.sequence;
    emitter.at(message.sequence, this.sources.logTime);
    this.#follow();
    const { frame } = message;
    switch (frame.kind) {
      case 'tick':
        break;
      case 'progress':
        this.sources.progress(frame.source, frame.time);
        this.#follow();
        break;
      case 'command':
        this.counters.commands++;
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
    const { emitter } = this.matcher;
    emitter.sink = sink;
    emitter.at(this.counters.lastSequence + 1, this.sources.logTime);
    this.matcher.raise(Number.POSITIVE_INFINITY);
  }

  get rulesHash(): string {
    return this.rules?.hash ?? '';
  }

  summary(): PartitionSummary {
    const { matcher, reader, counters } = this;
    const reconciliations = (this.rules?.reconciliations ?? []).flatMap((state) =>
      state
        .allTotals()
        .map((totals) => totals.summary(state.definition.name, reader.currencies.text(totals.currency))),
    );
    return {
      partition: this.options.partition,
      sequence: counters.lastSequence,
      logTime: Number.isFinite(this.sources.logTime) ? this.sources.logTime : 0,
      watermark: Number.isFinite(matcher.watermark) ? matcher.watermark : null,
      records: counters.records,
      duplicates: counters.duplicates,
      unrouted: counters.unrouted,
      findings: matcher.emitter.findings,
      deadLetters: matcher.emitter.refusals,
      open: matcher.open,
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
        this.matcher.emitter.at(sequence + row, this.sources.logTime);
        this.#applyRow(rules, frame, row, (sequence + row) * ORDINALS);
      } else {
        this.#applyRow(rules, frame, row, sequence * ORDINALS + row);
      }
    }
  }

  #applyRow(rules: RulesInForce, frame: RecordFrame, row: number, arrival: number): void {
    const { reader, matcher, seen } = this;
    reader.read(row);
    const route = reader.source < 0 ? undefined : rules.routes[reader.source];
    if (route === undefined) {
      matcher.emitter.refused(
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
    if (verdict === SEEN_DUPLICATE) {
      this.counters.duplicates++;
      matcher.emitter.sink.duplicate(frame, row);
      return;
    }
    if (verdict === SEEN_OTHER_CONTENT && route.rejectsIdReuse) {
      matcher.emitter.refused(
        frame,
        row,
        'idConflict',
        'the source sent other content under this id before, and does not accept that; correct it at its source, or set onIdReuse: accept',
      );
      return;
    }
    seen.add(a, b, c, d, reader.content);
    this.counters.records++;
    matcher.emitter.sink.accepted(frame, row);
    if (verdict === SEEN_OTHER_CONTENT) this.#idReused();
    this.#moveTime(route);
    reader.readFields(route.plainFields);
    const { lanes } = route;
    if (lanes.length === 0) this.counters.unrouted++;
    for (let i = 0; i < lanes.length; i++) matcher.arrive(lanes[i]!.state, lanes[i]!.side, arrival);
  }

  /** An accepted record shows that its source lives, and how far it is. */
  #moveTime(route: Route): void {
    if (this.options.watermark === 'records') {
      this.matcher.raise(this.reader.time);
      return;
    }
    this.sources.record(route.source, this.reader.time);
    this.#follow();
  }

  #follow(): void {
    if (this.options.watermark === 'sources') this.matcher.raise(this.sources.value);
  }

  #idReused(): void {
    const { reader, matcher } = this;
    const source = reader.sources.text(reader.source);
    const recordId = reader.id();
    matcher.emitter.finding({
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
    const before = this.rules;
    if (frame.hash === before?.hash) return;
    const set = parse(frame.json, sequence) as RuleSet;
    const refusal =
      set.reconciliations.length > MAX_RECONCILIATIONS
        ? `${set.reconciliations.length} reconciliations are more than the ${MAX_RECONCILIATIONS} that are possible`
        : before && RulesInForce.refusal(before, set);
    if (refusal !== undefined) {
      this.matcher.emitter.finding({
        kind: 'rulesRefused',
        source: '',
        recordId: '',
        account: '',
        currency: '',
        amount: 0,
        message: `the new rules are refused: ${refusal}`,
      });
      return;
    }
    this.rules = RulesInForce.enact(set, frame.json, frame.hash, before, this.matcher, this.reader);
    this.sources.setSources(set.sources, set.maxAhead);
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
