import { setTimeout as delay } from 'node:timers/promises';
import { DiscardPolicy, JetStreamApiError, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';
import { CounterfoilError, DEAD_LETTER_PARTITION, MAX_PARTITIONS } from '../domain/index.ts';
import type { KeyField } from '../domain/index.ts';
import { API_CODES, brokerError, isStreamNotFound, isWrongSequence } from './broker-errors.ts';
import type { Broker } from './connection.ts';
import { META_BUCKET, streamName, streamSubject } from './names.ts';

/** How every stream of the log is made. */
export interface StreamSettings {
  readonly partitionBy: readonly KeyField[];
  /** -1 for no limit. */
  readonly maxBytes: number;
  readonly replicas: number;
}

/** What is remembered of one stream, to tell a re-created one from its former self. */
interface StreamLife {
  readonly epoch: number;
  readonly createdMs: number;
}

/** What the whole log was made with. It cannot change: records would land in other partitions. */
interface LogShape {
  readonly partitions: number;
  readonly partitionBy: readonly string[];
}

const SHAPE_KEY = 'log';
const CONCURRENT_OPENS = 8;
const CREATION_POLL_MS = 5;

/**
 * The streams of the log and what is kept about them: in a key-value bucket, since streams of nats-server 2.9 carry
 * no metadata.
 */
export class Catalogue {
  readonly #broker: Broker;
  readonly #settings: StreamSettings;
  readonly #epochs = new Map<number, number>();

  constructor(broker: Broker, settings: StreamSettings) {
    this.#broker = broker;
    this.#settings = settings;
  }

  /** See {@link Log.open}. */
  async open(partitions: number): Promise<void> {
    if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS) {
      throw new CounterfoilError(
        'invalidConfig',
        `partitions is ${partitions}; it must be a whole number from 1 to ${MAX_PARTITIONS}`,
      );
    }
    try {
      const meta = await this.#bucket();
      await this.#agreeOnShape(meta, partitions);
      const waiting = [
        DEAD_LETTER_PARTITION,
        ...Array.from({ length: partitions }, (_, partition) => partition),
      ];
      const worker = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          await this.#openStream(meta, next);
        }
      };
      await Promise.all(Array.from({ length: CONCURRENT_OPENS }, worker));
    } catch (error) {
      throw brokerError(error, `open the log at ${this.#broker.address}`);
    }
  }

  /** The epoch found when the stream was opened. */
  epochOf(partition: number): number {
    const epoch = this.#epochs.get(partition);
    if (epoch === undefined) {
      throw new CounterfoilError(
        'logMismatch',
        `partition ${partition} is not open; the log has ${Math.max(0, this.#epochs.size - 1)} partitions`,
      );
    }
    return epoch;
  }

  #bucket(): Promise<KV> {
    return new Kvm(this.#broker.client).create(META_BUCKET, {
      history: 1,
      replicas: this.#settings.replicas,
      // Read from the leader: an old copy of an epoch would give it out twice.
      allow_direct: false,
      storage: StorageType.File,
    });
  }

  async #agreeOnShape(meta: KV, partitions: number): Promise<void> {
    const wanted: LogShape = { partitions, partitionBy: this.#settings.partitionBy };
    let entry = await meta.get(SHAPE_KEY);
    if (entry === null) {
      try {
        await meta.create(SHAPE_KEY, JSON.stringify(wanted));
        return;
      } catch (error) {
        if (!isWrongSequence(error)) throw error;
        // Another process was first.
        entry = await meta.get(SHAPE_KEY);
      }
    }
    const found = entry?.json<LogShape>() ?? wanted;
    const [foundBy, wantedBy] = [found.partitionBy.join(', '), wanted.partitionBy.join(', ')];
    if (found.partitions === partitions && foundBy === wantedBy) return;
    throw new CounterfoilError(
      'logMismatch',
      `the log at ${this.#broker.address} has ${found.partitions} partitions by [${foundBy}], the configuration says ${partitions} by [${wantedBy}]; set partitions and partitionBy as they were, or use an empty log`,
    );
  }

  async #openStream(meta: KV, partition: number): Promise<void> {
    const created = await this.#createdMs(partition, await this.#createOrUpdate(partition));
    this.#epochs.set(partition, await agreeOnEpoch(meta, streamName(partition), created));
  }

  /** When the stream was created: asked again while the broker, busy creating it for another process, says year 1. */
  async #createdMs(partition: number, info: StreamInfo): Promise<number> {
    const name = streamName(partition);
    for (const deadline = Date.now() + this.#broker.timeoutMs; createdMs(info) <= 0;) {
      if (Date.now() > deadline) {
        throw new CounterfoilError(
          'brokerUnreachable',
          `stream ${name} was not finished within ${this.#broker.timeoutMs} ms of its creation; look at the log of nats-server and try again`,
        );
      }
      await delay(CREATION_POLL_MS);
      info = await this.#broker.manager.streams.info(name);
    }
    return createdMs(info);
  }

  async #createOrUpdate(partition: number): Promise<StreamInfo> {
    const { streams } = this.#broker.manager;
    const name = streamName(partition);
    const config = this.#config(partition);
    try {
      const info = await streams.info(name);
      if (info.config.max_bytes === config.max_bytes && info.config.num_replicas === config.num_replicas) {
        return info;
      }
      return await streams.update(name, { max_bytes: config.max_bytes, num_replicas: config.num_replicas });
    } catch (error) {
      if (!isStreamNotFound(error)) throw error;
    }
    try {
      return await streams.add(config);
    } catch (error) {
      // Another process creates it at this moment, or has: of the same subjects the broker speaks of an overlap then.
      const codes: readonly number[] = [API_CODES.streamNameInUse, API_CODES.subjectsOverlap];
      if (error instanceof JetStreamApiError && codes.includes(error.code)) {
        const info = await streams.info(name).catch(() => undefined);
        if (info !== undefined) return info;
      }
      throw brokerError(error, `create stream ${name}`);
    }
  }

  #config(partition: number): StreamConfig & { name: string } {
    return {
      name: streamName(partition),
      subjects: [streamSubject(partition)],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      max_bytes: this.#settings.maxBytes,
      num_replicas: this.#settings.replicas,
    } as StreamConfig & { name: string };
  }
}

/** When a stream was created, epoch milliseconds. */
export function createdMs(info: StreamInfo): number {
  return Date.parse(info.created);
}

/** The epoch of a stream created at `created`: the remembered one, or one more where it is not the remembered stream. */
async function agreeOnEpoch(meta: KV, name: string, created: number): Promise<number> {
  const key = `stream.${name}`;
  for (;;) {
    const entry = await meta.get(key);
    const known = entry?.json<StreamLife>();
    if (known?.createdMs === created) return known.epoch;
    const next: StreamLife = { epoch: (known?.epoch ?? 0) + 1, createdMs: created };
    try {
      if (entry === null) await meta.create(key, JSON.stringify(next));
      else await meta.update(key, JSON.stringify(next), entry.revision);
      return next.epoch;
    } catch (error) {
      if (!isWrongSequence(error)) throw error;
      // Another process noticed at the same time: take its answer.
    }
  }
}
