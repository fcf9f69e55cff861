import { CounterfoilError } from '../../../engine/domain/index.ts';
import type { Publisher } from '../../../engine/domain/index.ts';
import type { LiveSession, Webhooks, Polling } from '../../contract/index.ts';
import { Arrivals } from './arrivals.ts';
import type { LiveObserver } from './observer.ts';
import { PollCursor } from './poll-cursor.ts';
import { Poller } from './poller.ts';
import type { PollSchedule } from './poller.ts';
import { Receiver } from './receiver.ts';
import type { ReceiverLimits } from './receiver.ts';

/** A source that talks with its provider, opened. */
export interface LiveSource {
  readonly name: string;
  readonly session: LiveSession;
  readonly schedule: PollSchedule;
  /** How long a webhook may take before what polling finds counts as missed, milliseconds. */
  readonly webhookGraceMs: number;
}

export interface LiveSourcesOptions {
  readonly sources: readonly LiveSource[];
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Folder of the cursors. */
  readonly cursorDirectory: string;
  readonly observer: LiveObserver;
  readonly limits?: Partial<ReceiverLimits>;
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly random: () => number;
}

/** What runs for the live sources of a process. */
export interface LiveSources {
  /** By name: the sources whose providers send webhooks. */
  readonly receivers: ReadonlyMap<string, Receiver>;
  /** Resolves when all polling has ended after the signal aborted. @throws CounterfoilError what no waiting mends */
  readonly polling: Promise<void>;
}

/** Starts polling, and makes the receivers that a webhook server is put in front of. @throws `unreadableFile` */
export async function openLiveSources(options: LiveSourcesOptions): Promise<LiveSources> {
  const receivers = new Map<string, Receiver>();
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const pollers: Poller[] = [];
  for (const source of options.sources) {
    const { webhooks, polling } = source.session;
    // Without webhooks everything is found by polling, and nothing of it is a gap.
    const sinceMs = webhooks === undefined ? Infinity : options.now();
    const arrivals = new Arrivals(sinceMs, source.webhookGraceMs);
    if (webhooks !== undefined)
      receivers.set(source.name, receiverOf(source.name, webhooks, arrivals, options));
    if (polling !== undefined)
      pollers.push(await pollerOf(source, polling, arrivals, { ...options, signal }));
  }
  return { receivers, polling: runAll(pollers, () => ended.abort()) };
}

function receiverOf(
  source: string,
  webhooks: Webhooks,
  arrivals: Arrivals,
  { publisher, observer, limits, now }: LiveSourcesOptions,
): Receiver {
  return new Receiver({
    source,
    webhooks,
    publisher,
    arrivals,
    observer,
    now,
    ...(limits === undefined ? {} : { limits }),
  });
}

async function pollerOf(
  { name, schedule }: LiveSource,
  polling: Polling,
  arrivals: Arrivals,
  { publisher, observer, signal, now, random, cursorDirectory }: LiveSourcesOptions,
): Promise<Poller> {
  const cursor = await PollCursor.open(cursorDirectory, name);
  return new Poller({
    source: name,
    polling,
    cursor,
    schedule,
    publisher,
    arrivals,
    observer,
    signal,
    now,
    random,
  });
}

/** All of them, until the signal aborts or one cannot go on, which ends the others too. */
async function runAll(pollers: readonly Poller[], endAll: () => void): Promise<void> {
  const ends = await Promise.allSettled(pollers.map((poller) => poller.run().finally(endAll)));
  for (const end of ends) if (end.status === 'rejected') throw CounterfoilError.from(end.reason);
}
