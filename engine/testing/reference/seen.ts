import type { MoneyRecord } from '../../domain/index.ts';
import type { Accepted } from './replace.ts';

/**
 * SEMANTICS §1, identity: which records are known already. Exact strings, one list of records per identity.
 */
export class Seen {
  readonly #known = new Map<string, { readonly record: MoneyRecord; readonly bucket: number }[]>();
  readonly #latest = new Map<string, { readonly accepted: Accepted; readonly bucket: number }>();
  /** Milliseconds of log time; null remembers everything. */
  readonly #horizon: number | null;

  constructor(horizon: number | null) {
    this.#horizon = horizon;
  }

  /**
   * `new`: nothing is remembered under its identity. `duplicate`: the same content is. `reused`: only other content is.
   */
  look(record: MoneyRecord, logTime: number): 'new' | 'duplicate' | 'reused' {
    const oldest = this.#bucket(logTime) - 64;
    const live = (this.#known.get(identityOf(record)) ?? []).filter((entry) => entry.bucket >= oldest);
    if (live.length === 0) return 'new';
    const content = contentOf(record);
    return live.some((entry) => contentOf(entry.record) === content) ? 'duplicate' : 'reused';
  }

  remember(record: MoneyRecord, logTime: number): void {
    const identity = identityOf(record);
    const entries = this.#known.get(identity) ?? [];
    entries.push({ record, bucket: this.#bucket(logTime) });
    this.#known.set(identity, entries);
  }

  /**
   * F1, for a source that amends: the latest version of an identity that is known while the source amends. A version
   * that is not higher is a duplicate.
   */
  latestVersion(record: MoneyRecord, logTime: number): Accepted | undefined {
    const latest = this.#latest.get(identityOf(record));
    return latest === undefined || latest.bucket < this.#bucket(logTime) - 64 ? undefined : latest.accepted;
  }

  rememberVersion(accepted: Accepted, logTime: number): void {
    this.#latest.set(identityOf(accepted.record), { accepted, bucket: this.#bucket(logTime) });
  }

  /** A source does not amend any more, or begins to. */
  forgetVersions(source: string): void {
    for (const [identity, { accepted }] of this.#latest) {
      if (accepted.record.source === source) this.#latest.delete(identity);
    }
  }

  /** Memory ends on the boundaries of buckets of a 64th of the horizon; without a horizon there is one bucket. */
  #bucket(logTime: number): number {
    return this.#horizon === null ? 0 : Math.floor(logTime / (this.#horizon / 64));
  }
}

function identityOf(record: MoneyRecord): string {
  return JSON.stringify([record.source, record.id]);
}

/** The economic fields: not the version, not the attributes, not the offset of the zone. */
function contentOf(record: MoneyRecord): string {
  const references = Object.entries(record.references).sort(([a], [b]) => (a < b ? -1 : 1));
  const fields = [
    record.account,
    record.kind,
    record.status,
    record.currency,
    String(record.amount),
    String(record.fee),
    String(record.tax),
    record.time,
    record.precision,
    record.bookingDate,
    record.valueDate,
    record.availableOn,
    references,
    record.link,
    textOf(record.original?.amount),
    record.original?.currency,
    record.groupCount,
    textOf(record.groupTotal),
  ];
  return JSON.stringify(fields);
}

function textOf(amount: bigint | undefined): string | undefined {
  return amount === undefined ? undefined : String(amount);
}
