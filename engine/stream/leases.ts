import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { StorageType } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';
import type { Leases } from '../domain/index.ts';
import { brokerError, isWrongSequence } from './broker-errors.ts';
import { connectBroker } from './connection.ts';
import type { Broker } from './connection.ts';
import { LEASE_BUCKET } from './names.ts';
import type { BrokerOptions } from './options.ts';

export interface LeaseOptions extends BrokerOptions {
  /** How long a lease outlives its owner's last renewal, milliseconds. Default 10,000; the bucket keeps its first. */
  readonly ttlMs?: number;
  /**
   * Who we are, unique among the processes that run at a time. A process that comes back under the same name has its
   * leases at once; random by default, and then it waits them out.
   */
  readonly owner?: string;
  readonly replicas?: number;
}

interface Held {
  revision: number;
  /** When the last successful renewal was sent, by a clock that never jumps. */
  renewedAt: number;
  readonly onLost: () => void;
  readonly stopped: AbortController;
  renewing: Promise<void>;
}

const DEFAULT_TTL_MS = 10_000;

/**
 * Leases on partitions in a key-value bucket whose entries vanish after `ttlMs`; taking and renewing compare the
 * entry's revision, so two processes never both succeed.
 * @throws CounterfoilError `brokerUnreachable`, `timeout`
 */
export async function createLeases(options: LeaseOptions): Promise<Leases> {
  const broker = await connectBroker(options);
  try {
    const bucket = await new Kvm(broker.client).create(LEASE_BUCKET, {
      history: 1,
      ttl: options.ttlMs ?? DEFAULT_TTL_MS,
      replicas: options.replicas ?? 1,
      // An old copy of an entry would make a lost lease look held.
      allow_direct: false,
      storage: StorageType.File,
    });
    const { ttl } = await bucket.status();
    return new BucketLeases(broker, bucket, ttl, options.owner ?? randomUUID());
  } catch (error) {
    await broker.close();
    throw brokerError(error, `leases at ${broker.address}`);
  }
}

class BucketLeases implements Leases {
  readonly #broker: Broker;
  readonly #bucket: KV;
  readonly #ttlMs: number;
  readonly #owner: string;
  readonly #held = new Map<number, Held>();

  constructor(broker: Broker, bucket: KV, ttlMs: number, owner: string) {
    this.#broker = broker;
    this.#bucket = bucket;
    this.#ttlMs = ttlMs;
    this.#owner = owner;
  }

  async acquire(partition: number, onLost: () => void): Promise<boolean> {
    if (this.#held.has(partition)) return true;
    const sentAt = performance.now();
    const revision = await this.#take(partition);
    if (revision === undefined) return false;
    const stopped = new AbortController();
    const held: Held = { revision, renewedAt: sentAt, onLost, stopped, renewing: Promise.resolve() };
    this.#held.set(partition, held);
    held.renewing = this.#keep(partition, held);
    return true;
  }

  async release(partition: number): Promise<void> {
    const held = this.#held.get(partition);
    if (held === undefined) return;
    this.#held.delete(partition);
    held.stopped.abort();
    await held.renewing;
    try {
      await this.#bucket.delete(keyOf(partition), { previousSeq: held.revision });
    } catch (error) {
      // Lost meanwhile, which is as good as released; else its time to live releases it.
      if (!isWrongSequence(error) && this.#broker.isConnected()) {
        throw brokerError(error, `release the lease of partition ${partition}`);
      }
    }
  }

  async close(): Promise<void> {
    try {
      for (const partition of [...this.#held.keys()]) await this.release(partition);
    } finally {
      await this.#broker.close();
    }
  }

  /** The revision under which the lease is ours now, or undefined where another process has it. */
  async #take(partition: number): Promise<number | undefined> {
    const key = keyOf(partition);
    try {
      return await this.#bucket.create(key, this.#owner);
    } catch (error) {
      if (!isWrongSequence(error)) throw brokerError(error, `lease of partition ${partition}`);
    }
    try {
      const entry = await this.#bucket.get(key);
      if (entry?.operation !== 'PUT' || entry.string() !== this.#owner) return undefined;
      return await this.#bucket.update(key, this.#owner, entry.revision);
    } catch (error) {
      if (isWrongSequence(error)) return undefined;
      throw brokerError(error, `lease of partition ${partition}`);
    }
  }

  /** Renews at a third of the time to live, until released or lost. */
  async #keep(partition: number, held: Held): Promise<void> {
    const { signal } = held.stopped;
    for (;;) {
      const retrySoon = performance.now() - held.renewedAt > this.#ttlMs / 2;
      await delay(retrySoon ? this.#ttlMs / 10 : this.#ttlMs / 3, undefined, { signal }).catch(
        () => undefined,
      );
      if (signal.aborted) return;
      if (await this.#renew(partition, held)) continue;
      // `release` may have come in between: then nobody needs to hear of it. The signal changes while we wait.
      if (this.#held.get(partition) !== held) return;
      this.#held.delete(partition);
      held.onLost();
      return;
    }
  }

  /** @returns false when the lease is lost, or may be from now on */
  async #renew(partition: number, held: Held): Promise<boolean> {
    const key = keyOf(partition);
    // Ours ends a tenth before the broker's: nobody else can have it while we still believe in it.
    const believedUntil = held.renewedAt + this.#ttlMs * 0.9;
    const left = believedUntil - performance.now();
    if (left <= 0) return false;
    const patience = new AbortController();
    const late = delay(left, false, { signal: patience.signal }).catch(() => false);
    try {
      return await Promise.race([this.#renewal(key, held, Math.min(left, this.#broker.timeoutMs)), late]);
    } catch {
      return performance.now() < believedUntil;
    } finally {
      patience.abort();
    }
  }

  async #renewal(key: string, held: Held, timeoutMs: number): Promise<boolean> {
    try {
      await this.#update(key, held, timeoutMs);
      return true;
    } catch (error) {
      if (!isWrongSequence(error)) throw error;
    }
    // A renewal whose answer was lost has moved the revision; the entry itself says whose it is.
    const entry = await this.#bucket.get(key);
    if (entry?.operation !== 'PUT' || entry.string() !== this.#owner) return false;
    held.revision = entry.revision;
    await this.#update(key, held, timeoutMs);
    return true;
  }

  async #update(key: string, held: Held, timeoutMs: number): Promise<void> {
    const sentAt = performance.now();
    held.revision = await this.#bucket.update(key, this.#owner, held.revision, Math.max(1, timeoutMs));
    held.renewedAt = sentAt;
  }
}

function keyOf(partition: number): string {
  return `partition.${partition}`;
}
