import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { connect, errors } from '@nats-io/transport-node';
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { CounterfoilError } from '../domain/index.ts';
import { brokerError } from './broker-errors.ts';
import { DEFAULT_TIMEOUT_MS } from './options.ts';
import type { BrokerOptions } from './options.ts';

/** A connection to NATS that comes back by itself for as long as it is not closed. */
export interface Broker {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly timeoutMs: number;
  /** The addresses, without user and password. */
  readonly address: string;
  /** Whether a server is connected now. */
  isConnected(): boolean;
  /** Calls `callback` after each reconnection; returns how to stop that. */
  onReconnect(callback: () => void): () => void;
  notice(type: 'dropped', message: string): void;
  close(): Promise<void>;
}

const OLDEST_SERVER = [2, 9] as const;

/**
 * Connects to NATS and checks that it has JetStream.
 * @throws CounterfoilError `brokerUnreachable`; `invalidConfig` for a bad URL, refused credentials or an old server
 */
export async function connectBroker(options: BrokerOptions): Promise<Broker> {
  const urls = typeof options.url === 'string' ? [options.url] : options.url;
  const parsed = urls.map(parseUrl);
  const address = parsed.map((url) => `nats://${url.host}`).join(', ');
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const connection = await open(connectionOptions(options, parsed, timeoutMs), address);
  try {
    requireVersion(connection, address);
    const manager = await jetstreamManager(connection, { timeout: timeoutMs });
    const client = jetstream(connection, { timeout: timeoutMs });
    return watch({ connection, client, manager, timeoutMs, address }, options);
  } catch (error) {
    await connection.close();
    throw brokerError(error, `NATS at ${address}`);
  }
}

function parseUrl(text: string): URL {
  try {
    const url = new URL(text.includes('://') ? text : `nats://${text}`);
    if ((url.protocol === 'nats:' || url.protocol === 'tls:') && url.hostname !== '') {
      if (url.port === '') url.port = '4222';
      return url;
    }
  } catch {
    // Said below, without the text: it may hold a password.
  }
  throw new CounterfoilError('invalidConfig', 'stream.url is not an address such as nats://127.0.0.1:4222');
}

function connectionOptions(options: BrokerOptions, urls: URL[], timeoutMs: number): ConnectionOptions {
  const first = urls[0];
  const user =
    options.user ?? (first?.username === '' ? undefined : decodeURIComponent(first?.username ?? ''));
  const pass =
    options.password ?? (first?.password === '' ? undefined : decodeURIComponent(first?.password ?? ''));
  return {
    servers: urls.map((url) => url.host),
    name: options.name ?? 'counterfoil',
    timeout: timeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    pingInterval: 10_000,
    maxPingOut: 2,
    // A trace per publish costs more than the publish.
    noAsyncTraces: true,
    ...(user === undefined ? {} : { user }),
    ...(pass === undefined ? {} : { pass }),
    ...(options.token === undefined ? {} : { token: options.token }),
    ...(urls.some((url) => url.protocol === 'tls:') ? { tls: {} } : {}),
  };
}

async function open(options: ConnectionOptions, address: string): Promise<NatsConnection> {
  try {
    return await connect(options);
  } catch (error) {
    if (error instanceof errors.AuthorizationError) {
      throw new CounterfoilError(
        'invalidConfig',
        `NATS at ${address} refused the credentials; check the user, password or token of the stream`,
        { cause: error },
      );
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new CounterfoilError(
      'brokerUnreachable',
      `no NATS server answers at ${address} (${reason}); start it, or correct stream.url`,
      { cause: error },
    );
  }
}

function requireVersion(connection: NatsConnection, address: string): void {
  const version = connection.info?.version ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor >= OLDEST_SERVER[1])) return;
  throw new CounterfoilError(
    'invalidConfig',
    `NATS at ${address} is version ${version}; ${OLDEST_SERVER.join('.')} or later is needed`,
  );
}

type Connected = Pick<Broker, 'connection' | 'client' | 'manager' | 'timeoutMs' | 'address'>;

function watch(connected: Connected, options: BrokerOptions): Broker {
  const { connection, address } = connected;
  const listeners = new Set<() => void>();
  let up = true;
  let isClosing = false;
  const follow = async (): Promise<void> => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        up = false;
        options.onNotice?.({ type: 'disconnected', message: `lost NATS at ${address}; reconnecting` });
      } else if (status.type === 'reconnect') {
        up = true;
        options.onNotice?.({ type: 'reconnected', message: `reconnected to NATS at ${address}` });
        for (const listener of listeners) listener();
      }
    }
  };
  void follow();
  void connection.closed().then((error) => {
    up = false;
    const reason = error === undefined ? '' : `: ${error.message}`;
    // What was asked for is no news.
    if (!isClosing || error !== undefined) {
      options.onNotice?.({ type: 'closed', message: `connection to NATS at ${address} closed${reason}` });
    }
    for (const listener of listeners) listener();
  });
  return {
    ...connected,
    isConnected: () => up,
    onReconnect: (callback) => {
      listeners.add(callback);
      return () => void listeners.delete(callback);
    },
    notice: (type, message) => options.onNotice?.({ type, message }),
    close: () => {
      isClosing = true;
      return closeConnection(connection, up);
    },
  };
}

async function closeConnection(connection: NatsConnection, up: boolean): Promise<void> {
  if (connection.isClosed()) return;
  // Draining sends what is buffered; without a server it would wait for one.
  await (up ? connection.drain().catch(() => connection.close()) : connection.close());
}
