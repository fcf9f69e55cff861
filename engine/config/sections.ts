import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { DEFAULT_MAX_AHEAD_MS, DEFAULT_SEEN_HORIZON_MS } from '../domain/index.ts';
import { byteSize, duration, integer } from './scalars.ts';

const path = z.string().min(1, 'wants a path');

/** The broker. Without `url` a nats-server of our own is started for `counterfoil up`. */
export const streamSchema = z.strictObject({
  /** One or more servers, comma-separated. */
  url: z
    .string()
    .regex(
      /^(nats|tls|ws|wss):\/\/[^\s,]+(,\s*(nats|tls|ws|wss):\/\/[^\s,]+)*$/,
      'wants an address such as nats://host:4222',
    )
    .optional(),
  username: z.string().min(1).optional(),
  password: z.string().min(1).optional(),
  /** Where the nats-server of our own keeps the log, in a folder `nats`. Default: `dataDir`. */
  dataDir: path.optional(),
  /** Port of the nats-server of our own; 0 takes a free one. */
  port: integer(0, 65_535).prefault(0),
  /** How long messages below the checkpoint are kept. */
  keep: duration('1m', '366d').prefault('7d'),
  /** The most that one partition's stream may hold; a full stream refuses new records. */
  maxBytes: byteSize('1MiB', '16TiB').prefault('4GiB'),
  replicas: integer(1, 5).prefault(1),
  /** How long one request to the broker may take. */
  timeout: duration('100ms', '5m').prefault('10s'),
});

/** The database. `embedded` runs ClickHouse in this process. */
export const storeSchema = z.strictObject({
  url: z
    .string()
    .regex(/^(embedded|https?:\/\/[^\s]+)$/, 'wants embedded, or an address such as http://host:8123')
    .prefault('embedded'),
  database: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'wants a database name of letters, digits and "_"')
    .prefault('counterfoil'),
  username: z.string().min(1).optional(),
  password: z.string().optional(),
  /** Where the embedded database lives. Default: `store` in `dataDir`. */
  dataDir: path.optional(),
  /** Rows older than this are dropped. Default: all are kept. */
  retainYears: integer(1, 100).optional(),
  /** Permits a `retainYears` below the 5 that UAE rules ask for. */
  allowShortRetention: z.boolean().prefault(false),
  /** How long one statement may take. */
  timeout: duration('1s', '10m').prefault('30s'),
});

/** The matcher and its pipeline. */
export const engineSchema = z.strictObject({
  /** Worker threads. Default: one per core, at most one per partition. */
  shards: integer(1, 1024).optional(),
  /** The most open records in one partition: a readable stop, never an eviction. */
  maxOpenRecords: integer(1, 100_000_000).prefault(5_000_000),
  /** How long a record's identity is remembered, in log time; `forever` remembers everything. */
  seenHorizon: z
    .union([z.literal('forever').transform(() => null), duration('1m', '366d')])
    .prefault(msText(DEFAULT_SEEN_HORIZON_MS)),
  /** A record further than this beyond log time does not move the watermark. */
  maxAhead: duration('0s', '366d').prefault(msText(DEFAULT_MAX_AHEAD_MS)),
  /** How often time is told to each partition while nothing else happens. */
  tickInterval: duration('50ms', '1m').prefault('1s'),
  /** How often each partition's state is saved. */
  checkpointInterval: duration('100ms', '1h').prefault('30s'),
  /** How long rows wait to be stored together. */
  flushInterval: duration('10ms', '5s').prefault('100ms'),
  /** The most rows of one table in one insert. */
  flushRows: integer(100, 1_000_000).prefault(20_000),
  /** Bytes of the log held in memory ahead of the matcher, over all partitions. */
  prefetchBytes: byteSize('1MiB', '4GiB').prefault('64MiB'),
  /** How long stopping may take before it is forced. */
  stopTimeout: duration('1s', '10m').prefault('30s'),
});

export const apiSchema = z.strictObject({
  /** Address to listen on. Anything but loopback is reachable by others: put it behind authentication. */
  host: z.string().min(1, 'wants a host name or address').prefault('127.0.0.1'),
  /** 0 takes a free port. */
  port: integer(0, 65_535).prefault(0),
});

/** Where providers' webhooks are received, for the sources that take them: `POST /webhooks/<source>`. */
export const webhooksSchema = z.strictObject({
  /** Address to listen on: behind a reverse proxy that ends TLS, a loopback or private one. */
  host: z.string().min(1, 'wants a host name or address').prefault('127.0.0.1'),
  /** 0 takes a free port. */
  port: integer(0, 65_535).prefault(0),
  /** A larger delivery is refused. */
  maxBody: byteSize('1KiB', '64MiB').prefault('1MiB'),
  /** A delivery that is not in the log after this long is answered 503, and the provider sends it again. */
  answerWithin: duration('100ms', '1m').prefault('10s'),
  /** Deliveries of one source that may be under way; further ones are answered 429. */
  maxUnderWay: integer(1, 100_000).prefault(512),
});

export const logSchema = z.strictObject({
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).prefault('info'),
});

/** Shards for `partitions`, where the file does not say: one per core. */
export function defaultShards(partitions: number): number {
  return Math.max(1, Math.min(availableParallelism(), partitions));
}

function msText(ms: number): string {
  return `${ms}ms`;
}
