import type { ApiDeps, ApiLimits, LiveResult } from './deps.ts';
import { LiveClient, encodeEvent, gapEvent } from './live-client.ts';
import type { LiveEventType, LiveFilter } from './live-client.ts';
import { ProblemError } from './problem.ts';
import { selectReconciliations, sumSummaries } from './summary.ts';

/** Between two summary events, milliseconds: partitions report about once a second each. */
const SUMMARY_EVERY_MS = 1000;

/** Hands the live feed out to the clients of `/v1/live`. Listens to the feed only while somebody is connected. */
export class LiveHub {
  readonly #deps: Pick<ApiDeps, 'live' | 'summaries' | 'metrics'>;
  readonly #limits: ApiLimits;
  readonly #clients = new Set<LiveClient>();
  #unsubscribe: (() => void) | undefined;
  #timers: NodeJS.Timeout[] = [];
  #summaryChanged = false;
  #closed = false;

  constructor(deps: Pick<ApiDeps, 'live' | 'summaries' | 'metrics'>, limits: ApiLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /**
   * Connects a client and returns its event stream.
   * @param reconnected the client says it was connected before: what passed since is not repeated, and it is told so
   * @param disconnect tears the client's connection down
   * @throws ProblemError `overloaded` when there are too many clients, `stopping`
   */
  connect(filter: LiveFilter, reconnected: boolean, disconnect: () => void): ReadableStream<Uint8Array> {
    if (this.#closed) throw new ProblemError('stopping', 'the server is stopping; connect again in a moment');
    if (this.#clients.size >= this.#limits.liveClients) {
      throw new ProblemError(
        'overloaded',
        `${this.#clients.size} clients are connected to the live stream, and no more are taken; try again later`,
      );
    }
    const client = new LiveClient({
      filter,
      limits: { events: this.#limits.liveBacklogEvents, bytes: this.#limits.liveBacklogBytes },
      disconnect,
      onClose: () => this.#remove(client),
      onMissed: (count) => this.#deps.metrics.liveMissed.inc(count),
    });
    this.#clients.add(client);
    this.#deps.metrics.liveClients.inc();
    if (this.#clients.size === 1) this.#start();
    if (reconnected) client.push(gapEvent(null));
    if (filter.types.has('summary')) client.push(this.#summaryFor(filter));
    return client.stream;
  }

  /** Ends every stream and takes no more clients. */
  close(): void {
    this.#closed = true;
    for (const client of [...this.#clients]) {
      client.close();
      this.#remove(client);
    }
  }

  #start(): void {
    this.#unsubscribe = this.#deps.live.subscribe((result) => this.#take(result));
    const timers = [
      setInterval(() => this.#sendSummary(), SUMMARY_EVERY_MS),
      setInterval(
        () => this.#lookAfterClients(),
        Math.min(this.#limits.liveHeartbeatMs, this.#limits.liveStallMs),
      ),
    ];
    for (const timer of timers) timer.unref();
    this.#timers = timers;
  }

  #remove(client: LiveClient): void {
    if (!this.#clients.delete(client)) return;
    this.#deps.metrics.liveClients.dec();
    if (this.#clients.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  #take(result: LiveResult): void {
    switch (result.type) {
      case 'summary':
        this.#summaryChanged = true;
        return;
      case 'missed':
        for (const client of this.#clients) client.miss(result.count);
        return;
      case 'match':
        this.#send('match', result.result, result.result.matchId, result.result.reconciliation);
        return;
      case 'break':
        this.#send('break', result.result, result.result.breakId, result.result.reconciliation);
        return;
      case 'finding':
        this.#send('finding', result.result, result.result.position);
        return;
      case 'command':
        this.#send('command', result.result, result.result.position);
        return;
    }
  }

  /** Encodes once, however many clients want it; not at all if none does. */
  #send(type: LiveEventType, data: object, id: string, reconciliation?: string): void {
    let event: Uint8Array | undefined;
    for (const client of this.#clients) {
      const { filter } = client;
      if (!filter.types.has(type)) continue;
      if (reconciliation !== undefined && (filter.reconciliation ?? reconciliation) !== reconciliation)
        continue;
      event ??= encodeEvent(type, data, id);
      client.push(event);
    }
  }

  #sendSummary(): void {
    if (!this.#summaryChanged) return;
    this.#summaryChanged = false;
    for (const client of this.#clients) {
      if (client.filter.types.has('summary')) client.push(this.#summaryFor(client.filter));
    }
  }

  #summaryFor({ reconciliation }: LiveFilter): Uint8Array {
    return encodeEvent(
      'summary',
      selectReconciliations(sumSummaries(this.#deps.summaries()), { reconciliation }),
    );
  }

  #lookAfterClients(): void {
    const now = Date.now();
    for (const client of [...this.#clients]) {
      const { waitingSince } = client;
      if (waitingSince !== undefined && now - waitingSince >= this.#limits.liveStallMs) {
        client.disconnect();
        this.#remove(client);
      } else {
        client.heartbeat();
      }
    }
  }
}
