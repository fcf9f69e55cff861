import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { BANK, PROVIDERS as ALL_PROVIDERS } from '../../connectors/simulators/scenario/index.ts';
import type { Provider } from '../../connectors/simulators/scenario/index.ts';
import { DAY_MS } from '../../engine/domain/index.ts';
import { freePort } from '../local/index.ts';
import { projectRoot } from '../local/project-root.ts';
import { eventually, getJson, listAll } from './rest.ts';
import { startUp } from './up-process.ts';
import type { UpProcess } from './up-process.ts';
import type {
  WorldProcessLine,
  WorldProcessOptions,
} from '../../connectors/simulators/world/world-process.ts';

/**
 * Set for the long run: `PAYMENTS=400000 PROVIDERS=stripe npx vitest run --project integration deploy/e2e/deliveries`. Of
 * N-Genius, no more than 10,000 orders are looked at.
 */
const WANTED = Number(process.env['PAYMENTS'] ?? 0);
const PAYMENTS = WANTED > 0 ? WANTED : 240;
const PROVIDERS = (process.env['PROVIDERS']?.split(',') ?? ALL_PROVIDERS) as Provider[];
const LIMIT_MS = WANTED > 0 ? 3_600_000 : 120_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

test(
  'payment companies with every fault at once are in the store to the last record',
  async () => {
    const directory = await realpath(await mkdtemp(join(tmpdir(), 'counterfoil-deliveries-')));
    const seed = Number(process.env['COUNTERFOIL_SEED'] ?? Date.now() % 1_000_000);
    console.log(`deliveries seed ${seed}`);
    const port = await freePort();
    const world = await startWorldProcess({
      ...{ seed, payments: PAYMENTS, providers: PROVIDERS, directory },
      wanted: join(directory, 'wanted.json'),
      startMs: Math.floor(Date.now() / DAY_MS - 6) * DAY_MS,
      spanMs: 10 * MINUTE_MS,
      // Past this the bank states its lines, lists catch up, and it is still not later than now.
      untilMs: Date.now() - 48 * HOUR_MS,
      webhooksUrl: `http://127.0.0.1:${port}`,
    });
    Object.assign(process.env, world.secrets);
    let up: UpProcess | undefined;
    try {
      up = await startUp(directory, upConfig(world.sources, port));
      const { posted, seconds } = await world.play();
      console.log(
        `${posted} deliveries in ${seconds.toFixed(1)} s: ${Math.round(posted / seconds)} a second`,
      );
      const { apiUrl } = up;
      const wanted = JSON.parse(readFileSync(join(directory, 'wanted.json'), 'utf8')) as {
        readonly [source: string]: readonly string[];
      };
      for (const [source, lines] of Object.entries(wanted)) {
        // Of some companies alone, no money may have come to the bank yet.
        if (source !== 'bank' || PROVIDERS.length === ALL_PROVIDERS.length) {
          expect(lines.length, source).toBeGreaterThan(0);
        }
        const found = await eventually(
          () => storedLines(apiUrl, source),
          (stored) => stored.length === lines.length && stored.every((line, i) => line === lines[i]),
          60_000,
        ).catch(() => storedLines(apiUrl, source));
        expect(found).toEqual(lines);
      }
      const { totals } = await getJson<{ totals: { deadLetters: number } }>(apiUrl, '/v1/summary');
      expect(totals.deadLetters).toBe(0);
      expect(await up.stop()).toBe(0);
    } finally {
      await up?.kill();
      await world.end();
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    }
  },
  LIMIT_MS,
);

interface WorldProcess {
  readonly sources: { readonly [name: string]: object };
  readonly secrets: { readonly [name: string]: string };
  /** Lets everything happen. */
  play(): Promise<{ readonly posted: number; readonly seconds: number }>;
  end(): Promise<void>;
}

async function startWorldProcess(options: WorldProcessOptions): Promise<WorldProcess> {
  const path = join(projectRoot(), 'dist/connectors/simulators/world/world-process.js');
  const child = spawn(process.execPath, ['--max-old-space-size=8192', path, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<WorldProcessLine> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('the simulators ended');
    return JSON.parse(line.value) as WorldProcessLine;
  };
  const ready = await next();
  if (ready.type !== 'ready') throw new Error(`the simulators are not ready: ${ready.type}`);
  return {
    ...ready,
    async play() {
      child.stdin.write('play\n');
      for (;;) {
        const line = await next();
        if (line.type === 'done') return line;
        if (line.type === 'playing' && WANTED > 0) console.log(JSON.stringify(line));
      }
    },
    async end() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

function upConfig(sources: { readonly [name: string]: object }, port: number): object {
  return {
    partitions: 4,
    webhooks: { port },
    sources: { ...sources, ledger: { connector: 'http-json' } },
    reconciliations: [
      {
        name: 'ledger-to-gateways',
        left: { sources: ['ledger'] },
        right: { sources: Object.keys(sources) },
        window: { before: '1d', after: '1d' },
        rules: [{ name: 'by-charge', keys: ['references.charge'] }],
      },
    ],
  };
}

/** What the API says of a record, as far as it is compared. */
interface ListedRecord {
  readonly id: string;
  readonly version?: number;
  readonly kind: string;
  readonly currency: string;
  readonly amount: string;
  readonly fee: string;
  readonly tax: string;
  readonly references: { readonly [name: string]: string };
}

/** One line for each record of a source, of each id the highest version; of a bank by its own reference. @throws Error where a version stands twice */
async function storedLines(apiUrl: string, source: string): Promise<string[]> {
  const highest = new Map<string, ListedRecord>();
  const versions = new Set<string>();
  for (const record of await listAll<ListedRecord>(apiUrl, '/v1/records', { source })) {
    const version = `${record.id} ${record.version ?? 0}`;
    if (versions.has(version)) throw new Error(`${version} is listed twice`);
    versions.add(version);
    const known = highest.get(record.id);
    if (known === undefined || (record.version ?? 0) > (known.version ?? 0)) highest.set(record.id, record);
  }
  return [...highest.values()]
    .map(({ id, kind, currency, amount, fee, tax, references }) =>
      [
        source === BANK ? references['bankReference'] : id,
        kind,
        currency,
        amount,
        fee,
        tax,
        references['payout'] ?? '',
      ].join(' '),
    )
    .sort();
}
