import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiError } from '@nats-io/jetstream';
import { CounterfoilError } from '../domain/index.ts';
import type { Log, StoredMessage, StreamState } from '../domain/index.ts';
import { announce, listen } from './announcements.ts';
import type { Announcement } from './announcements.ts';
import { Appender } from './appender.ts';
import { API_CODES, brokerError } from './broker-errors.ts';
import { Catalogue, createdMs } from './catalogue.ts';
import { connectBroker } from './connection.ts';
import type { Broker } from './connection.ts';
import { appendSubject, streamName } from './names.ts';
import { DEFAULT_MAX_IN_FLIGHT, DEFAULT_MAX_IN_FLIGHT_BYTES, DEFAULT_PARTITION_BY } from './options.ts';
import type { LogOptions } from './options.ts';
import { lastOlderThan } from './purge.ts';
import { readPartition } from './reader.ts';
import type { ReadOptions } from './reader.ts';

/**
 * Connects to NATS and resolves with the log kept there. Streams are created by {@link Log.open}.
 * @throws CounterfoilError `brokerUnreachable`, `invalidConfig`
 */
export async function connectLog(options: LogOptions): Promise<Log> {
  return new JetStreamLog(await connectBroker(options), options);
}

/** The {@link Log} over JetStream: one stream per partition, file storage, limits retention, discard new. */
class JetStreamLog implements Log {
  readonly #broker: Broker;
  readonly #catalogue: Catalogue;
  readonly #appender: Appender;

  constructor(broker: Broker, options: LogOptions) {
    this.#broker = broker;
    this.#catalogue = new Catalogue(broker, {
      partitionBy: options.partitionBy ?? DEFAULT_PARTITION_BY,
      maxBytes: options.maxBytesPerPartition ?? -1,
      replicas: options.replicas ?? 1,
    });
    this.#appender = new Appender(
      broker,
      options.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT,
      options.maxInFlightBytes ?? DEFAULT_MAX_IN_FLIGHT_BYTES,
    );
  }

  open(partitions: number): Promise<void> {
    return this.#catalogue.open(partitions);
  }

  async state(partition: number): Promise<StreamState> {
    const epoch = this.#catalogue.epochOf(partition);
    const name = streamName(partition);
    try {
      const info = await this.#broker.manager.streams.info(name);
      return {
        createdMs: createdMs(info),
        epoch,
        firstSequence: Math.max(1, info.state.first_seq),
        lastSequence: info.state.last_seq,
      };
    } catch (error) {
      throw brokerError(error, `state of ${name}`);
    }
  }

  append(
    partition: number,
    payload: Uint8Array,
    messageId?: string,
  ): Promise<{ readonly sequence: number; readonly duplicate: boolean }> {
    return this.#appender.append(appendSubject(partition, payload), payload, messageId);
  }

  read(
    partition: number,
    fromSequence: number,
    options: ReadOptions,
  ): AsyncIterable<readonly StoredMessage[]> {
    return readPartition(this.#broker, partition, fromSequence, options);
  }

  async get(partition: number, sequence: number): Promise<StoredMessage | undefined> {
    const name = streamName(partition);
    try {
      const message = await this.#broker.manager.streams.getMessage(name, { seq: sequence });
      if (message === null) return undefined;
      return {
        sequence: message.seq,
        logTime: message.time.getTime(),
        payload: new Uint8Array(message.data),
      };
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === API_CODES.noMessageFound) return undefined;
      throw brokerError(error, `message ${sequence} of ${name}`);
    }
  }

  async purge(partition: number, sequence: number, olderThanMs: number): Promise<void> {
    const name = streamName(partition);
    try {
      const { state } = await this.#broker.manager.streams.info(name);
      const first = Math.max(1, state.first_seq);
      const last = Math.min(sequence, state.last_seq);
      const boundary = await lastOlderThan(
        first,
        last,
        olderThanMs,
        async (at) => (await this.get(partition, at))?.logTime,
      );
      // The broker deletes what is below the sequence it is given.
      if (boundary >= first) await this.#broker.manager.streams.purge(name, { seq: boundary + 1 });
    } catch (error) {
      throw brokerError(error, `purge ${name}`);
    }
  }

  announce(subject: string, payload: Uint8Array): void {
    announce(this.#broker, subject, payload);
  }

  listen(subject: string, signal: AbortSignal): AsyncIterable<Announcement> {
    return listen(this.#broker, subject, signal);
  }

  async ping(): Promise<number> {
    const { timeoutMs, address, connection } = this.#broker;
    const late = new AbortController();
    const silence = delay(timeoutMs, undefined, { signal: late.signal }).then(() => {
      throw new Error(`no answer within ${timeoutMs} ms`);
    });
    try {
      return await Promise.race([connection.rtt(), silence]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CounterfoilError('brokerUnreachable', `NATS at ${address} does not answer (${reason})`, {
        cause: error,
      });
    } finally {
      late.abort();
      silence.catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await this.#appender.settled();
    await this.#broker.close();
  }
}
