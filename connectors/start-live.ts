import { CounterfoilError } from '../engine/domain/index.ts';
import type { Publisher } from '../engine/domain/index.ts';
import { startServer } from '../engine/server/index.ts';
import type { RunningServer } from '../engine/server/index.ts';
import type { LiveSettings, ProviderHttp } from './contract/index.ts';
import { createProviderHttp } from './http/index.ts';
import type { HttpObserver, OwnedProviderHttp } from './http/index.ts';
import type { Source } from './open-source.ts';
import { KeptFile, createWebhookEndpoint, openLiveSources, webhookListener } from './runtime/live/index.ts';
import type { LiveObserver, LiveSource } from './runtime/live/index.ts';

/** How long deliveries that are under way may take when the process stops. */
const STOP_MS = 5000;
const MAX_CONNECTIONS = 2048;
const REQUEST_MS = 30_000;
/** Longer than proxies keep idle connections, so that none sends a delivery into one that closes. */
const KEEP_ALIVE_MS = 65_000;

/** The schedule of a source without polling, which nobody follows. */
const NEVER_POLLED: LiveSettings['poll'] = { interval: 3_600_000, minInterval: 3_600_000 };

/** What a source has whose provider is never called. */
const NEVER_CALLED: ProviderHttp = {
  send: () => Promise.reject(neverCalled()),
  fetch: () => Promise.reject(neverCalled()),
};

function neverCalled(): CounterfoilError {
  return new CounterfoilError('internal', 'a source without the setting http called its provider');
}

/** Where webhooks are received, and its bounds. Milliseconds and bytes. */
export interface WebhookSettings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly maxBody: number;
  readonly answerWithin: number;
  readonly maxUnderWay: number;
}

/** Facts of live sources and of their calls. */
export interface ProviderObserver extends LiveObserver {
  /** What reports a source's calls to its provider. */
  http?(source: string): HttpObserver;
}

export interface LiveOptions {
  /** All configured sources; those that talk with no provider are passed over. */
  readonly sources: readonly Source[];
  readonly webhooks: WebhookSettings;
  /** Folder of the cursors. */
  readonly cursorDirectory: string;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly observer: ProviderObserver;
  /** Epoch milliseconds: what is recent, and what is stale. Default: the machine's clock. */
  readonly now?: () => number;
  /** Called once where polling cannot go on, such as `diskFull`. */
  onFatal(error: CounterfoilError): void;
}

/** What runs for the sources that talk with their providers. */
export interface Live {
  /** Where webhooks are received; undefined where no source takes any. */
  readonly webhooksUrl: string | undefined;
  /** Lets deliveries under way finish, ends polling and closes connections. */
  stop(): Promise<void>;
}

/**
 * Starts receiving webhooks and polling, for the sources whose connectors talk with a provider.
 * @throws CounterfoilError `portInUse`, `invalidConfig` (an address that cannot be listened on), `unreadableFile` (a
 *   cursor, or what is kept)
 */
export async function startLive(options: LiveOptions): Promise<Live> {
  const { publisher, observer, cursorDirectory, webhooks, now = Date.now } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const clients: OwnedProviderHttp[] = [];
  const sources: LiveSource[] = [];
  for (const source of options.sources) {
    if (source.connector.open === undefined) continue;
    // A source that is only pushed to has no settings for calls and polls.
    const settings = source.settings as Partial<LiveSettings>;
    const httpObserver = observer.http?.(source.name);
    let http = NEVER_CALLED;
    if (settings.http !== undefined) {
      const client = createProviderHttp({
        source: source.name,
        settings: settings.http,
        ...(httpObserver === undefined ? {} : { observer: httpObserver }),
      });
      clients.push(client);
      http = client;
    }
    const kept = await KeptFile.open(cursorDirectory, source.name);
    const session = source.openSession({ http, now, signal, kept });
    if (session === undefined) continue;
    const { interval, minInterval } = settings.poll ?? NEVER_POLLED;
    sources.push({
      name: source.name,
      session,
      schedule: { intervalMs: interval, minIntervalMs: minInterval },
      webhookGraceMs: settings.webhookGrace ?? 0,
    });
  }
  const live = await openLiveSources({
    sources,
    publisher,
    cursorDirectory,
    observer,
    limits: { maxUnderWay: webhooks.maxUnderWay, answerWithinMs: webhooks.answerWithin },
    signal,
    now,
    random: Math.random,
  });
  const polling = live.polling.catch((error: unknown) => {
    options.onFatal(error as CounterfoilError);
  });
  const close = async (server: RunningServer | undefined): Promise<void> => {
    await server?.close(STOP_MS);
    stopping.abort();
    await polling;
    await Promise.all(clients.map((client) => client.close()));
  };
  if (live.receivers.size === 0) return { webhooksUrl: undefined, stop: () => close(undefined) };
  const endpoint = createWebhookEndpoint({
    receivers: live.receivers,
    now,
    limits: { maxBodyBytes: webhooks.maxBody },
  });
  try {
    const server = await startServer({
      app: { listener: webhookListener(endpoint) },
      section: 'webhooks',
      host: webhooks.host,
      port: webhooks.port,
      maxConnections: MAX_CONNECTIONS,
      requestMs: REQUEST_MS,
      keepAliveMs: KEEP_ALIVE_MS,
    });
    return { webhooksUrl: server.url, stop: () => close(server) };
  } catch (error) {
    await close(undefined);
    throw error;
  }
}
