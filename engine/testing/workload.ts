import { z } from 'zod';
import { RecordFrameBuilder, encodeFrame, partitionOf } from '../codec/index.ts';
import { createConfigSchema } from '../config/index.ts';
import type { Log, MoneyRecord } from '../domain/index.ts';
import { publishFirstRules } from '../main.ts';

/** A configuration, as in YAML, for the sources and reconciliations of {@link syntheticRules}. */
export function workloadConfig(partitions: number): object {
  const source = { connector: 'test', outOfOrder: '2m', onIdReuse: 'reject' };
  return {
    partitions,
    sources: { gateway: source, ledger: source, bank: source, 'cash-book': source },
    reconciliations: [
      {
        name: 'gateway-to-ledger',
        left: { sources: ['gateway'] },
        right: { sources: ['ledger'] },
        window: { before: '5m', after: '10m', grace: '1m' },
        retain: '2h',
        rules: [{ name: 'by-reference', keys: ['reference', 'currency'], tolerance: { amount: '0.50' } }],
      },
      {
        name: 'bank-to-cash-book',
        left: { sources: ['bank'] },
        right: { sources: ['cash-book'] },
        window: { before: '10m', after: '10m', grace: '1m' },
        retain: '2h',
        rules: [
          { name: 'by-payout', keys: ['references.payout'] },
          { name: 'by-amount', keys: ['amount'] },
        ],
      },
    ],
    log: { level: 'warn' },
  };
}

/** Makes the rules of a configuration the first message of every partition. */
export async function firstRules(log: Log, config: object): Promise<void> {
  await publishFirstRules(log, createConfigSchema({ test: z.strictObject({}) }).parse(config));
}

/** What {@link publishAll} did. */
export interface Published {
  readonly records: number;
  readonly frames: number;
  /** Sequence of the last frame per partition; 0 where there is none. */
  readonly last: readonly number[];
}

interface PublishOptions {
  /** Records a frame, at most; 512 as connectors do. */
  readonly maxRecords?: number;
  /** Called after each frame with how many there were so far; may add to the log. */
  readonly onFrame?: (partition: number, frames: number) => Promise<void>;
}

/** Publishes records in frames, many at a time. */
export async function publishAll(
  log: Log,
  partitions: number,
  records: Iterable<MoneyRecord>,
  options: PublishOptions = {},
): Promise<Published> {
  const builders = Array.from(
    { length: partitions },
    () => new RecordFrameBuilder({ maxRecords: options.maxRecords ?? 512 }),
  );
  const last = new Array<number>(partitions).fill(0);
  const underWay = new Set<Promise<void>>();
  let count = 0;
  let frames = 0;
  const flush = async (partition: number): Promise<void> => {
    const builder = builders[partition]!;
    if (builder.count === 0) return;
    const payload = encodeFrame(builder.build());
    builder.reset();
    frames++;
    const sent = log.append(partition, payload).then(({ sequence }) => {
      last[partition] = Math.max(last[partition]!, sequence);
    });
    underWay.add(sent);
    void sent.finally(() => underWay.delete(sent));
    if (underWay.size >= 64) await Promise.race(underWay);
    await options.onFrame?.(partition, frames);
  };
  for (const record of records) {
    const partition = partitionOf(record, ['account'], partitions);
    if (!builders[partition]!.add(record)) {
      await flush(partition);
      builders[partition]!.add(record);
    }
    count++;
  }
  for (let partition = 0; partition < partitions; partition++) await flush(partition);
  await Promise.all(underWay);
  return { records: count, frames, last };
}
