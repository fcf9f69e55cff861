import { INTEREST_SUBJECT } from '../domain/index.ts';
import type { RowBlock } from '../shards/index.ts';
import type { PipelineDeps } from './types.ts';

/** How long a word of interest counts. */
const INTEREST_MS = 15_000;
/** Announcements stay below the broker's smallest usual limit of a message, 1 MiB. */
const MAX_ANNOUNCEMENT_BYTES = 512 * 1024;
const NOTHING = new Uint8Array(0);
/** What listeners are told of. */
const ANNOUNCED = ['matches', 'breaks', 'findings', 'commands'] as const;

/** Announces stored results to whoever listens, and to nobody if nobody does. */
export class ResultAnnouncer {
  readonly #deps: PipelineDeps;
  #wantedUntil = 0;

  constructor(deps: PipelineDeps, signal: AbortSignal) {
    this.#deps = deps;
    void this.#hear(signal);
  }

  /** Announces the results among `blocks` as `cf.results.<partition>`. */
  announce(partition: number, blocks: readonly RowBlock[]): void {
    if (Date.now() > this.#wantedUntil) return;
    const of = (table: string): Uint8Array => blocks.find((block) => block.table === table)?.bytes ?? NOTHING;
    const results = {
      matches: of('matches'),
      breaks: of('breaks'),
      findings: of('findings'),
      commands: of('commands'),
    };
    const size = ANNOUNCED.reduce((sum, key) => sum + results[key].byteLength, 0);
    if (size === 0) return;
    if (size <= MAX_ANNOUNCEMENT_BYTES) {
      this.#deps.log.announce(`cf.results.${partition}`, this.#deps.encodeResults(results));
      return;
    }
    for (const key of ANNOUNCED) {
      for (const part of cutRows(results[key], MAX_ANNOUNCEMENT_BYTES)) {
        const cut = {
          matches: NOTHING,
          breaks: NOTHING,
          findings: NOTHING,
          commands: NOTHING,
          [key]: part,
        };
        this.#deps.log.announce(`cf.results.${partition}`, this.#deps.encodeResults(cut));
      }
    }
  }

  async #hear(signal: AbortSignal): Promise<void> {
    try {
      const words = this.#deps.log.listen(INTEREST_SUBJECT, signal)[Symbol.asyncIterator]();
      while (!(await words.next()).done) this.#wantedUntil = Date.now() + INTEREST_MS;
    } catch {
      // The log is closing; there is nobody to announce to.
    }
  }
}

/** Cuts a block of TabSeparated rows into parts of whole rows, at most `limit` bytes each where rows allow. */
export function* cutRows(block: Uint8Array, limit: number): Generator<Uint8Array> {
  let start = 0;
  while (start < block.byteLength) {
    let end = Math.min(block.byteLength, start + limit);
    if (end < block.byteLength) {
      const newline = block.lastIndexOf(10, end - 1);
      end = newline >= start ? newline + 1 : block.indexOf(10, end) + 1 || block.byteLength;
    }
    yield block.subarray(start, end);
    start = end;
  }
}
