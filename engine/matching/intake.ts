import type { RecordFrame } from '../domain/index.ts';
import type { KernelCore } from './core.ts';
import { AMENDMENT, OLD_VERSION } from './replacing/amendments.ts';
import type { Replacing } from './replacing/replacing.ts';
import type { Route } from './rules-in-force.ts';
import { SEEN_DUPLICATE, SEEN_NEW, SEEN_OTHER_CONTENT, SeenSet } from './seen-set.ts';

/** Rows for which the memory of what was seen is fetched at once. */
const EXPECTED_ROWS = 8;

/** What of rows is counted when they come in. */
export interface IntakeCounters {
  records: number;
  duplicates: number;
}

/** Tells which rows are records to match: not one that came before, nor one that its source may not send. */
export class Intake {
  seen: SeenSet = new SeenSet();
  /** Arrival of the version that the row taken last amends, or −1. */
  former = -1;
  readonly #core: KernelCore;
  readonly #replacing: Replacing;
  readonly #counters: IntakeCounters;

  constructor(core: KernelCore, replacing: Replacing, counters: IntakeCounters) {
    this.#core = core;
    this.#replacing = replacing;
    this.#counters = counters;
  }

  /** Whether the row at hand is taken; either way it is said. @param route of its source, where that is in the rules */
  takes(route: Route | undefined, frame: RecordFrame, row: number, arrival: number): route is Route {
    if (route === undefined) {
      this.#core.emitter.refused(
        frame,
        row,
        'unknownSource',
        'the record’s source is not in the rules in force; add it to sources, or stop what sends it',
      );
      return false;
    }
    const { reader } = this.#core;
    const { seen } = this;
    reader.fingerprint();
    if (row % EXPECTED_ROWS === 0) {
      seen.expect(reader.identities, row * 4, Math.min(row + EXPECTED_ROWS, frame.count) * 4);
    }
    const { a, b, c, d } = reader.identity;
    const verdict = seen.probe(a, b, c, d, reader.content);
    if (route.amends) {
      if (!this.#takesVersion(frame, row, arrival)) return false;
    } else {
      this.former = -1;
      if (verdict !== SEEN_NEW && !this.#takesAgain(route, frame, row, verdict)) return false;
    }
    if (verdict !== SEEN_DUPLICATE) seen.add(a, b, c, d, reader.content);
    this.#counters.records++;
    this.#core.emitter.sink.accepted(frame, row);
    if (verdict === SEEN_OTHER_CONTENT && !route.amends) this.#idReused();
    return true;
  }

  /** The source sent the id before. */
  #takesAgain(route: Route, frame: RecordFrame, row: number, verdict: number): boolean {
    if (verdict === SEEN_DUPLICATE) {
      this.#duplicate(frame, row);
      return false;
    }
    if (!route.rejectsIdReuse) return true;
    this.#core.emitter.refused(
      frame,
      row,
      'idConflict',
      'the source sent other content under this id before, and does not accept that; correct it at its source, or set onIdReuse: accept',
    );
    return false;
  }

  /** Of a source that amends it counts which versions came before. */
  #takesVersion(frame: RecordFrame, row: number, arrival: number): boolean {
    const { identity, source, time } = this.#core.reader;
    const { amendments } = this.#replacing;
    const { bucket } = this.seen;
    const version = frame.version[row]!;
    const amending = amendments.probe(identity, source, version, bucket);
    if (amending === OLD_VERSION) {
      this.#duplicate(frame, row);
      return false;
    }
    this.former = amending === AMENDMENT ? amendments.former : -1;
    amendments.remember(identity, source, version, bucket, arrival, time);
    return true;
  }

  #duplicate(frame: RecordFrame, row: number): void {
    this.#counters.duplicates++;
    this.#core.emitter.sink.duplicate(frame, row);
  }

  #idReused(): void {
    const { reader, emitter } = this.#core;
    const source = reader.sources.text(reader.source);
    const recordId = reader.id();
    emitter.finding({
      kind: 'idReused',
      source,
      recordId,
      account: reader.accounts.text(reader.account),
      currency: reader.currencies.text(reader.currency),
      amount: reader.amount,
      message: `id "${recordId}" of source "${source}" came again with other content; it was taken as a record of its own`,
    });
  }
}
