import type { KeyField } from '../domain/index.ts';

/** How to reach a NATS server. */
export interface BrokerOptions {
  /** `nats://host:4222`, or several of one cluster. A user and password in it are used and never shown. */
  readonly url: string | readonly string[];
  /** Shown in the server's list of connections. Default `counterfoil`. */
  readonly name?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** How long one request may take, milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** Told about losing and regaining the connection, for the program's own log. Never called with a secret. */
  readonly onNotice?: (notice: BrokerNotice) => void;
}

/** Something that happened to the connection that no caller's promise tells. */
interface BrokerNotice {
  readonly type: 'disconnected' | 'reconnected' | 'closed' | 'dropped';
  /** One line. */
  readonly message: string;
}

/** The log over JetStream. */
export interface LogOptions extends BrokerOptions {
  /** What decides a record's partition, kept with the log and compared at {@link Log.open}. Default `[account]`. */
  readonly partitionBy?: readonly KeyField[];
  /** Largest size of one partition's stream, bytes; a full stream refuses (`overloaded`). Default: no limit. */
  readonly maxBytesPerPartition?: number;
  /** Copies of each stream in a cluster: 1, 3 or 5. Default 1. */
  readonly replicas?: number;
  /** Messages sent and not yet acknowledged, at most; the next waits. Default 512. */
  readonly maxInFlight?: number;
  /** Their bytes, at most. Default 32 MiB. */
  readonly maxInFlightBytes?: number;
}

export const DEFAULT_TIMEOUT_MS = 5000;
export const DEFAULT_PARTITION_BY: readonly KeyField[] = ['account'];
export const DEFAULT_MAX_IN_FLIGHT = 512;
export const DEFAULT_MAX_IN_FLIGHT_BYTES = 33_554_432;
