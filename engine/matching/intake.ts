import type { RecordFrame } from '../domain/index.ts';
import type { KernelCore } from './core.ts';
import { AMENDMENT, OLD_VERSION } from './replacing/amendments.ts';
import type { Replacing } from './replacing/replacing.ts';
import type { Route } from './rules-in-force.ts';
import { SEEN_DUPLICATE, SEEN_NEW, SEEN_OTHER_CONTENT, SeenSet } from './seen-set.ts';

/** Rows for which the memory of what was seen is fetched at once. */
const EXPECTED_ROWS = 32;
/** In place of what the seen set knows of a row: it is asked when the row's turn comes. */
const NOT_ASKED = 255;

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
  /** By row of the frame at hand: what the seen set knew of it. */
  #verdicts: Uint8Array = new Uint8Array(0);

  constructor(core: KernelCore, replacing: Replacing, counters: IntakeCounters) {
    this.#core = core;
    this.#replacing = replacing;
    this.#counters = counters;
  }

  /**
   * Looks the rows of a frame up in one go, and remembers those that will be taken; but for rows of sources that amend, of
   * which more is to be known. The reader is at the frame.
   */
  meet(frame: RecordFrame, routes: readonly (Route | undefined)[]): void {
    const { count } = frame;
    if (this.#verdicts.length < count) this.#verdicts = new Uint8Array(count * 2);
    const verdicts = this.#verdicts;
    const { reader } = this.#core;
    const { seen } = this;
    reader.hashAll();
    const { identities, contents } = reader.hashes;
    for (let row = 0; row < count; row++) {
      if (row % EXPECTED_ROWS === 0) {
        seen.expect(identities, row << 2, Math.min(row + EXPECTED_ROWS, count) << 2);
      }
      const source = reader.sourceAt(row);
      const route = source < 0 ? undefined : routes[source];
      verdicts[row] = NOT_ASKED;
      if (route === undefined || route.amends) continue;
      const i = row << 2;
      const [a, b, c, d] = [identities[i]!, identities[i + 1]!, identities[i + 2]!, identities[i + 3]!];
      const verdict = seen.probe(a, b, c, d, contents[row]!);
      const isTaken = verdict === SEEN_NEW || (verdict === SEEN_OTHER_CONTENT && !route.rejectsIdReuse);
      if (isTaken) seen.add(a, b, c, d, contents[row]!);
      verdicts[row] = verdict;
    }
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
    reader.readReferences();
    const verdict = this.#verdicts[row]!;
    this.former = -1;
    if (verdict === NOT_ASKED) {
      if (!this.#takesVersion(frame, row, arrival)) return false;
      this.#remember(row);
    } else if (verdict !== SEEN_NEW && !this.#takesAgain(route, frame, row, verdict)) {
      return false;
    }
    this.#counters.records++;
    this.#core.emitter.sink.accepted(frame, row);
    if (verdict === SEEN_OTHER_CONTENT) this.#idReused();
    return true;
  }

  /** A version of a record of a source that amends is taken. */
  #remember(row: number): void {
    const { identities, contents } = this.#core.reader.hashes;
    const i = row << 2;
    const [a, b, c, d] = [identities[i]!, identities[i + 1]!, identities[i + 2]!, identities[i + 3]!];
    const verdict = this.seen.probe(a, b, c, d, contents[row]!);
    if (verdict !== SEEN_DUPLICATE) this.seen.add(a, b, c, d, contents[row]!);
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
    const { hashes, source, time } = this.#core.reader;
    const identity = hashes.identity(row);
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
