import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DAY_MS } from '../../../engine/domain/index.ts';
import type { Translated } from '../../../engine/domain/index.ts';
import type { Delivery, LiveSession, LiveSettings, ProviderHttp } from '../../contract/index.ts';
import { createProviderHttp } from '../../http/index.ts';
import type { OwnedProviderHttp } from '../../http/index.ts';
import { openSource, parseSource } from '../../open-source.ts';
import { Arrivals } from '../../runtime/live/arrivals.ts';
import { KeptFile, createWebhookEndpoint, webhookPath } from '../../runtime/live/index.ts';
import type { WebhookAnswer, WebhookEndpoint } from '../../runtime/live/webhook-endpoint.ts';
import { PollCursor } from '../../runtime/live/poll-cursor.ts';
import { Poller } from '../../runtime/live/poller.ts';
import { Receiver } from '../../runtime/live/receiver.ts';
import { createFaults } from '../../simulators/faults.ts';
import type { Fault, Faults } from '../../simulators/faults.ts';
import { SimulatedClock, play } from '../../simulators/play.ts';
import { BANK, PROVIDERS, createScenario } from '../../simulators/scenario/index.ts';
import type { Scenario } from '../../simulators/scenario/index.ts';
import type { PostedWebhook } from '../../simulators/webhook-sender.ts';
import { MemoryPublisher } from '../items.ts';
import { KeptRecords, linesByKey } from '../kept-records.ts';
import { editedHttp } from './edited-http.ts';
import type { LiveSample, SampleProvider, SampleWebhooks } from './sample.ts';

const HOUR_MS = 3_600_000;
const SEED = 3593;
/** The largest delivery that a rig takes. */
export const MAX_BODY_BYTES = 65_536;
/** A source that only listens has no schedule. */
const NEVER = { interval: DAY_MS, minInterval: DAY_MS };

const FREE = { perSecond: 10_000 };

/** Calls that fail are repeated at once, for as long as faults strike in a row. Real time plays no part. */
const httpTo = (url: string): object => ({
  routes: [url],
  timeout: '80ms',
  retries: 12,
  backoff: { first: '1ms', most: '4ms' },
  retryAfter: { most: '2ms', unstated: '2ms' },
  rateLimits: { all: FREE, default: FREE, certificates: FREE },
  breaker: { failures: 1000, errorRate: 0.99, window: 10_000 },
});

/** The log, with what the kernel would make of it. Beside `before`, `after` may fail once everything is stored. */
class SimulatedLog extends MemoryPublisher {
  readonly kept = new KeptRecords();
  after: () => void = () => undefined;

  override async publish(source: string, items: readonly Translated[]): Promise<void> {
    await super.publish(source, items);
    this.kept.add(items);
    this.after();
  }
}

export interface RigOptions {
  readonly on?: readonly Fault[] | 'all';
  readonly rate?: number;
  /** Faults that are not turned on after all. */
  readonly without?: readonly string[];
  /** Secrets of the source; the provider signs with the sample's first. */
  readonly secrets?: readonly string[];
  readonly maxUnderWay?: number;
}

/** A source with its provider's stand-in, in simulated time: what the runtime composes, with everything in reach. */
export class LiveRig {
  readonly sample: LiveSample;
  readonly scenario: Scenario;
  readonly log = new SimulatedLog();
  /** Codes of rounds of polling that failed. */
  readonly failures: string[] = [];
  /** Webhooks that the provider has posted, when they are held rather than delivered. */
  readonly held: PostedWebhook[] = [];
  /** Whether webhooks are held: the provider believes that they were taken. */
  holds = false;
  /** Whether the provider is away. */
  isOut = false;
  /** What becomes of the text of each answer of the provider's API. */
  edit: ((text: string) => string) | undefined;
  readonly #connector: string;
  readonly #options: RigOptions;
  readonly #directory: string;
  readonly #clock: SimulatedClock;
  readonly #faults: Faults;
  #provider!: SampleProvider;
  #stop = new AbortController();
  #http: OwnedProviderHttp | undefined;
  #session!: LiveSession;
  #endpoint!: WebhookEndpoint;
  #poller: Poller | undefined;

  private constructor(connector: string, sample: LiveSample, directory: string, options: RigOptions) {
    const { on = [], rate = 0.06, without = [] } = options;
    const isBank = sample.provider === BANK;
    this.sample = sample;
    this.#connector = connector;
    this.#options = options;
    this.#directory = directory;
    this.scenario = createScenario({
      seed: SEED,
      // A bank has what all of them pay out, in a few lines.
      payments: isBank ? 60 : 12,
      providers: isBank ? PROVIDERS : [sample.provider],
      spanMs: 2 * DAY_MS,
    });
    this.#clock = new SimulatedClock(this.scenario.happenings[0]!.atMs - HOUR_MS);
    const faults = createFaults({ seed: SEED, on, rate });
    this.#faults = {
      ...faults,
      has: (fault) => faults.has(fault) && !without.includes(fault),
      isOut: (nowMs) => this.isOut || faults.isOut(nowMs),
      webhook: (id) => {
        const copies = faults.webhook(id);
        return copies.length === 0 && without.includes('lostWebhooks')
          ? [{ delayMs: 0, isForged: false }]
          : copies;
      },
    };
  }

  static async open(connector: string, sample: LiveSample, options: RigOptions = {}): Promise<LiveRig> {
    const directory = await mkdtemp(join(tmpdir(), 'counterfoil-live-'));
    const rig = new LiveRig(connector, sample, directory, options);
    rig.#provider = await sample.start({
      now: rig.now,
      faults: rig.#faults,
      secret: sample.webhooks?.secrets[0] ?? '',
      directory,
      async post(webhook) {
        if (!rig.holds) return (await rig.deliver(webhook)).status;
        rig.held.push(webhook);
        return 200;
      },
    });
    await rig.crash();
    return rig;
  }

  /** Epoch milliseconds of simulated time. */
  readonly now = (): number => this.#clock.now();

  /** What the records are by now, as lines by id. */
  get lines(): { readonly [id: string]: string } {
    return linesByKey(this.log.kept.records.values(), this.sample.keyOf);
  }

  get expected(): { readonly [id: string]: string } {
    return this.sample.expected(this.scenario);
  }

  get session(): LiveSession {
    return this.#session;
  }

  /** How the provider pushes. @throws Error where it does not: the line needs webhooks */
  get webhooks(): SampleWebhooks {
    const { webhooks } = this.sample;
    if (webhooks === undefined)
      throw new Error('the sample has no webhooks; its lines about them do not apply');
    return webhooks;
  }

  /** Whether the source calls its provider at all. */
  get isCalling(): boolean {
    return this.#http !== undefined;
  }

  /** The process ends without a word, and another one begins with what is on the disk. */
  async crash(): Promise<void> {
    this.#stop.abort();
    await this.#http?.close();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const { now, log: publisher } = this;
    const { secrets = this.sample.webhooks?.secrets.slice(0, 1) ?? [], maxUnderWay = 512 } = this.#options;
    const { url } = this.#provider;
    const written = this.sample.settings({ url, secrets, directory: this.#directory });
    const spec = parseSource('source', {
      connector: this.#connector,
      ...written,
      ...(url === '' ? {} : { http: { ...httpTo(url), ...(written['http'] as object | undefined) } }),
    });
    const settings = spec.settings as Partial<LiveSettings>;
    this.#http =
      settings.http === undefined
        ? undefined
        : createProviderHttp({ source: 'source', settings: settings.http });
    this.#session = openSource(spec).openSession({
      http: editedHttp(this.#http ?? NEVER_CALLED, () => this.edit),
      now,
      signal,
      kept: await KeptFile.open(this.#directory, 'source'),
    })!;
    const { webhooks, polling } = this.#session;
    const shared = {
      source: 'source',
      publisher,
      arrivals: new Arrivals(now(), 0),
      observer: {
        event: () => undefined,
        pollFailed: (_: string, { code }: { code: string }) => this.failures.push(code),
      },
      now,
    };
    const receivers =
      webhooks === undefined ? [] : [new Receiver({ ...shared, webhooks, limits: { maxUnderWay } })];
    this.#endpoint = createWebhookEndpoint({
      receivers: new Map(receivers.map((receiver) => ['source', receiver])),
      now,
      limits: { maxBodyBytes: MAX_BODY_BYTES },
    });
    const { interval, minInterval } = settings.poll ?? NEVER;
    this.#poller =
      polling === undefined
        ? undefined
        : new Poller({
            ...shared,
            polling,
            cursor: await PollCursor.open(this.#directory, 'source'),
            schedule: { intervalMs: interval, minIntervalMs: minInterval },
            signal,
            random: () => 0,
          });
  }

  /** A body as the provider would send it now. */
  signed(body: string, secret?: string, atMs = this.now()): PostedWebhook {
    const { webhooks } = this;
    return { headers: webhooks.sign(body, secret ?? webhooks.secrets[0], atMs), body };
  }

  /** Posts a delivery to the receiver. */
  async deliver({ headers, body }: PostedWebhook): Promise<WebhookAnswer> {
    const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    const request = {
      method: 'POST',
      url: webhookPath('source'),
      headers: Object.fromEntries(named) as Delivery['headers'],
    };
    return this.#endpoint(Object.assign(Readable.from([Buffer.from(body)]), request));
  }

  /** The status of a body that is signed now. */
  async send(body: string): Promise<number> {
    return (await this.deliver(this.signed(body))).status;
  }

  /** One round of polling. */
  async poll(): Promise<void> {
    await this.#poller?.round();
  }

  pass(ms: number): void {
    this.#clock.advanceTo(this.now() + ms);
  }

  /** Lets everything happen, polling so often. */
  async play(pollEveryMs = Infinity): Promise<void> {
    let polledMs = this.now();
    await play({
      happenings: this.scenario.happenings,
      simulators: [this.#provider],
      clock: this.#clock,
      stepMs: HOUR_MS / 60,
      onStep: async (nowMs) => {
        if (nowMs - polledMs < pollEveryMs) return;
        polledMs = nowMs;
        await this.poll();
      },
    });
    // What lists show late is there by now.
    this.pass(HOUR_MS);
  }

  /** Lets everything happen and holds the webhooks. @returns their bodies, in order */
  async bodies(): Promise<readonly string[]> {
    await this.playRest();
    return this.held.map(({ body }) => body);
  }

  /** Lets everything happen, unless it has, and holds the webhooks. */
  async playRest(): Promise<void> {
    if (this.now() >= this.scenario.endMs) return;
    this.holds = true;
    await this.play();
    this.holds = false;
  }

  /** One of the bodies that make a record known; nobody has seen it yet. */
  async telling(): Promise<string> {
    for (const body of await this.bodies()) {
      await this.send(body);
      if (this.log.ids.length === 0) continue;
      await this.forget();
      return body;
    }
    throw new Error('no webhook of the sample’s provider makes a record known');
  }

  /** The first process of all, and an empty log: nothing is on the disk that another one has left. */
  async restart(): Promise<void> {
    for (const file of ['source.poll.json', 'source.kept']) {
      await rm(join(this.#directory, file), { force: true });
    }
    await this.forget();
  }

  /** A new process and an empty log. */
  async forget(): Promise<void> {
    await this.crash();
    this.log.items.length = 0;
    this.log.kept.records.clear();
    this.log.kept.deadLetters.length = 0;
    this.log.kept.count = 0;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#http?.close();
    await this.#provider.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

const uncalled = (): Promise<never> => Promise.reject(new Error('a source without http calls its provider'));
const NEVER_CALLED: ProviderHttp = { send: uncalled, fetch: uncalled };
