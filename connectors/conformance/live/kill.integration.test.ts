import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startNatsServer } from '../../../deploy/local/index.ts';
import type { NatsServer } from '../../../deploy/local/index.ts';
import { decodeFrame, readRecord } from '../../../engine/codec/index.ts';
import { DAY_MS, DEAD_LETTER_PARTITION } from '../../../engine/domain/index.ts';
import type { Log } from '../../../engine/domain/index.ts';
import { connectLog } from '../../../engine/stream/index.ts';
import { CONNECTORS } from '../../registry.ts';
import { webhookPath } from '../../runtime/live/index.ts';
import { createFaults } from '../../simulators/faults.ts';
import { createScenario } from '../../simulators/scenario/index.ts';
import { Seeded } from '../../simulators/seeded.ts';
import { postTo } from '../../simulators/webhook-sender.ts';
import type { PostWebhook } from '../../simulators/webhook-sender.ts';
import type { ConnectorsProcessOptions, ConnectorsProcessStart } from '../connectors-process.ts';
import { KeptRecords, linesByKey } from '../kept-records.ts';
import { messagesOf } from '../read-log.ts';
import type { SampleProvider } from './sample.ts';
import { LIVE_SAMPLES } from './samples/index.ts';

const SCRIPT = fileURLToPath(
  new URL('../../../dist/connectors/conformance/connectors-process.js', import.meta.url),
);
const PARTITIONS = 3;
const KILLS = 8;
/** Some three weeks, which have passed by now. */
const START_MS = (Math.floor(Date.now() / DAY_MS) - 25) * DAY_MS;
/** Between two happenings, in real time. */
const PACE_MS = 80;

const FREE = { perSecond: 5000 };

const scenario = createScenario({ seed: 3, payments: 36, startMs: START_MS, spanMs: 3 * DAY_MS });
const samples = Object.entries(LIVE_SAMPLES).filter(([name, { notApplicable }]) => {
  if (notApplicable.kill === undefined) return true;
  console.log(`${name}: is not killed: ${notApplicable.kill}`);
  return false;
});

let directory: string;
let server: NatsServer;
let log: Log;
let child: ChildProcess | undefined;
let webhooksUrl = '';
/** Called once: when a webhook is on its way, or when one was taken that nobody could ask for again. */
const hooks: { onPost?: (() => void) | undefined; onTaken?: (() => void) | undefined } = {};
const providers: SampleProvider[] = [];
/** Those to whom everything has happened before. */
const finished: SampleProvider[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-kill-'));
  server = await startNatsServer({ dataDir: directory });
  log = await connectLog({ url: server.url });
  await log.open(PARTITIONS);
});

afterAll(async () => {
  child?.kill('SIGKILL');
  for (const provider of [...providers, ...finished]) await provider.close();
  await log.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Starts every sample's provider. @returns the sources that talk with them */
async function startProviders(): Promise<ConnectorsProcessOptions['sources']> {
  const sources: { [name: string]: ConnectorsProcessOptions['sources'][string] } = {};
  for (const [name, sample] of samples) {
    const folder = join(directory, name);
    await mkdir(folder);
    const provider = await sample.start({
      now: Date.now,
      faults: createFaults({
        seed: 5,
        on: ['rateLimits', 'serverErrors', 'resets', 'duplicateWebhooks'],
        rate: 0.02,
      }),
      secret: sample.webhooks?.secrets[0] ?? '',
      directory: folder,
      post: posterOf(name),
    });
    if (sample.past?.isOver === true) {
      for (const happening of scenario.happenings) provider.apply(happening);
      await provider.flush();
      finished.push(provider);
    } else providers.push(provider);
    sources[name] = {
      connector: name,
      ...sample.settings({
        url: provider.url,
        secrets: sample.webhooks?.secrets.slice(0, 1) ?? [],
        directory: folder,
      }),
      ...sample.past?.settings,
      ...(provider.url === ''
        ? {}
        : {
            poll: { interval: '400ms', minInterval: '200ms' },
            http: {
              routes: [provider.url],
              timeout: '2s',
              backoff: { first: '5ms', most: '40ms' },
              retryAfter: { most: '10ms', unstated: '10ms' },
              rateLimits: { all: FREE, default: FREE, certificates: FREE },
              breaker: { failures: 1000, errorRate: 0.99, window: 10_000 },
            },
          }),
    };
  }
  return sources;
}

function call(hook: keyof typeof hooks): void {
  const told = hooks[hook];
  hooks[hook] = undefined;
  told?.();
}

/** Who can be asked posts once, whatever becomes of it; who cannot posts until it is taken. */
function posterOf(name: string): PostWebhook {
  const isAsked = CONNECTORS.find((connector) => connector.name === name)!.capabilities.polling;
  return async (webhook) => {
    for (;;) {
      call('onPost');
      const status = await postTo(new URL(webhookPath(name), webhooksUrl).href, 2000)(webhook).catch(() => 0);
      if (status === 200 && !isAsked) call('onTaken');
      if (status === 200 || isAsked) return status;
      await delay(100);
    }
  };
}

/** Starts the connectors; resolves when they take webhooks. */
async function spawnConnectors(sources: ConnectorsProcessOptions['sources']): Promise<ChildProcess> {
  const options: ConnectorsProcessOptions = {
    natsUrl: server.url,
    partitions: PARTITIONS,
    directory,
    dataDir: directory,
    sources,
  };
  const started = spawn(process.execPath, ['--enable-source-maps', SCRIPT, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child = started;
  const lines = createInterface({ input: started.stdout });
  const [first] = (await once(lines, 'line', { signal: AbortSignal.timeout(20_000) })) as [string];
  // Polling may have been faster than the server of webhooks.
  for (
    let text = first;
    ;
    [text] = (await once(lines, 'line', { signal: AbortSignal.timeout(20_000) })) as [string]
  ) {
    const line = JSON.parse(text) as Partial<ConnectorsProcessStart>;
    if (line.webhooksUrl === undefined) continue;
    webhooksUrl = line.webhooksUrl;
    lines.on('line', () => undefined);
    return started;
  }
}

/** Everything happens, a little apart, and is told to whoever listens. */
async function letHappen(): Promise<void> {
  for (const happening of scenario.happenings) {
    for (const provider of providers) provider.apply(happening);
    await Promise.all(providers.map((provider) => provider.flush()));
    await delay(PACE_MS);
  }
}

async function recordsInLog(): Promise<ReadonlyMap<string, KeptRecords>> {
  const found = new Map(samples.map(([name]) => [name, new KeptRecords()]));
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (const payload of await messagesOf(log, partition)) {
      const frame = decodeFrame(payload);
      if (frame.kind !== 'records') continue;
      for (let row = 0; row < frame.count; row++) {
        const record = readRecord(frame, row);
        found.get(record.source)!.add([{ type: 'record', record, origin: { offset: 0, ordinal: 0 } }]);
      }
    }
  }
  return found;
}

test('live sources of a process that is killed again and again lose nothing, and what comes twice is the same', async () => {
  const seed = Date.now();
  const random = new Seeded('kills', seed);
  expect(scenario.endMs).toBeLessThan(Date.now());
  const sources = await startProviders();
  let current = await spawnConnectors(sources);
  const happening = letHappen();
  for (let kill = 0; kill < KILLS; kill++) {
    await delay(random.integer(50, 800));
    // At any moment, while a delivery is under way, and twice as soon as one was taken.
    const hook = ([undefined, 'onPost', 'onTaken', 'onTaken'] as const)[kill % 4];
    if (hook !== undefined) {
      await Promise.race([new Promise<void>((resolve) => (hooks[hook] = resolve)), delay(2000)]);
      if (hook === 'onPost') await delay(random.integer(0, 6));
    }
    current.kill('SIGKILL');
    if (current.exitCode === null && current.signalCode === null) {
      await once(current, 'exit', { signal: AbortSignal.timeout(10_000) });
    }
    expect(current.signalCode).toBe('SIGKILL');
    current = await spawnConnectors(sources);
  }
  await happening;
  for (const [name, { past }] of samples) past?.remind?.(scenario, join(directory, name));

  const expected = Object.fromEntries(samples.map(([name, sample]) => [name, sample.expected(scenario)]));
  const linesNow = async (): Promise<object> =>
    Object.fromEntries(
      [...(await recordsInLog())].map(([name, { records }]) => [
        name,
        linesByKey(records.values(), LIVE_SAMPLES[name]!.keyOf),
      ]),
    );
  const deadline = Date.now() + 40_000;
  let found = await linesNow();
  while (JSON.stringify(sorted(found)) !== JSON.stringify(sorted(expected)) && Date.now() < deadline) {
    await delay(250);
    found = await linesNow();
  }
  current.stdin!.end();
  await once(current, 'exit', { signal: AbortSignal.timeout(20_000) });
  expect(await linesNow(), `kills of seed ${seed}`).toEqual(expected);
  expect(await messagesOf(log, DEAD_LETTER_PARTITION)).toEqual([]);
  const counts = [...(await recordsInLog()).values()];
  // Kills this abrupt leave something unanswered or behind a cursor; were it not so, the test would show nothing.
  expect(counts.reduce((sum, { count, records }) => sum + count - records.size, 0)).toBeGreaterThan(0);
}, 120_000);

/** Objects as lists in the order of their names, to be compared as texts. */
function sorted(value: object): unknown {
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]: [string, unknown]) => [
      name,
      typeof inner === 'object' && inner !== null ? sorted(inner) : inner,
    ]);
}
