import type { MoneyRecord, Publisher, Translated } from '../../engine/domain/index.ts';

/** A record as a connector gives it, for tests of what carries it. */
export function recordItem(fields: Partial<MoneyRecord> & Pick<MoneyRecord, 'id'>): Translated {
  const record: MoneyRecord = {
    source: 'source',
    account: 'default',
    kind: 'charge',
    status: 'booked',
    currency: 'AED',
    amount: 100n,
    fee: 0n,
    tax: 0n,
    time: Date.UTC(2026, 10, 22),
    precision: 'instant',
    offsetMinutes: 0,
    references: {},
    attributes: {},
    ...fields,
  };
  return { type: 'record', record, origin: { offset: 0, ordinal: 0 } };
}

/** Keeps what is published, as a log would; `before` may delay it or throw. */
export class MemoryPublisher implements Publisher {
  readonly items: Translated[] = [];
  before: (source: string, items: readonly Translated[]) => Promise<void> = () => Promise.resolve();

  async publish(source: string, items: readonly Translated[]): Promise<void> {
    await this.before(source, items);
    this.items.push(...items);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Ids of the records, as they came. */
  get ids(): string[] {
    return this.items.flatMap((item) => (item.type === 'record' ? [item.record.id] : []));
  }
}
