import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { TABLES, exponentOf, formatMinor } from '../../engine/domain/index.ts';
import type { MoneyRecord } from '../../engine/domain/index.ts';
import { readCheckpoint } from '../../engine/shards/checkpoint-file.ts';
import { connectLog } from '../../engine/stream/index.ts';
import { Random, syntheticDay } from '../../engine/testing/index.ts';
import { ROW_TABLES, expectedRows, readStored } from '../../engine/testing/stored-rows.ts';
import { workloadConfig } from '../../engine/testing/workload.ts';
import { startNatsServer } from '../local/index.ts';
import { eventually, getJson } from './rest.ts';
import { startUp } from './up-process.ts';
import type { UpProcess } from './up-process.ts';

const PARTITIONS = 4;
const RECORDS = 40_000;
const BATCH = 400;
const POSTERS = 4;
const KILLS = 3;
/** Open breaks of all partitions before the last stop. */
const BREAKS = 100;
const HOUR = 3_600_000;

const ID = columnOf('id');
const SOURCE = columnOf('source');
const AMOUNT = columnOf('amount');

interface Post {
  readonly source: string;
  readonly records: readonly MoneyRecord[];
}

/** Posts until the API says that the log holds the records, to whichever life of `up` is there. */
class Poster {
  apiUrl = '';
  repeated = 0;
  #stopped = false;

  async post({ source, records }: Post): Promise<void> {
    const body = JSON.stringify({ source, records: records.map(toPosted) });
    while (!this.#stopped) {
      try {
        const answer = await fetch(`${this.apiUrl}/v1/records`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          signal: AbortSignal.timeout(15_000),
        });
        const text = await answer.text();
        if (answer.ok) {
          expect(JSON.parse(text)).toEqual({ accepted: records.length, deadLetters: [] });
          return;
        }
        if (answer.status < 500 && answer.status !== 429) throw new Refused(`${answer.status}: ${text}`);
      } catch (error) {
        if (error instanceof Refused) throw error;
      }
      this.repeated++;
      await delay(50);
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}

class Refused extends Error {}

test(`up killed ${KILLS} times with its nats-server while ${RECORDS} records are posted loses nothing and doubles nothing`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'counterfoil-up-kill-'));
  const seed = Number(process.env['COUNTERFOIL_SEED'] ?? Date.now() % 1_000_000);
  console.log(`up-kill seed ${seed}`);
  const random = new Random(seed);
  const config = upConfig();
  const posts = [...postsOf(seed)];
  const wanted = new Map(
    posts.flatMap(({ records }) => records.map((record) => [keyOf(record), record.amount])),
  );
  const poster = new Poster();
  let up: UpProcess | undefined;
  try {
    up = await startUp(directory, config);
    poster.apiUrl = up.apiUrl;
    let acknowledged = 0;
    const queue = posts.values();
    const posting = Promise.all(
      Array.from({ length: POSTERS }, async () => {
        for (const post of queue) {
          await poster.post(post);
          acknowledged++;
        }
      }),
    );
    posting.catch(() => undefined);
    for (let kill = 1; kill <= KILLS; kill++) {
      const enough = Math.floor((posts.length * kill) / (KILLS + 1));
      await Promise.race([
        posting,
        eventually(
          () => Promise.resolve(acknowledged),
          (count) => count >= enough,
          60_000,
        ),
      ]);
      await delay(random.integer(0, 150));
      expect(acknowledged).toBeLessThan(posts.length);
      await up.kill();
      console.log(`kill ${kill}: ${acknowledged} of ${posts.length} posts were acknowledged`);
      up = await startUp(directory, config);
      poster.apiUrl = up.apiUrl;
    }
    await posting;
    // A kill that interrupted nothing would show nothing.
    expect(poster.repeated).toBeGreaterThan(0);
    const { apiUrl } = up;
    // What is due is broken within the bounds of each message: the breaks come over some ticks.
    await eventually(
      () => getJson<{ totals: { records: number; openBreaks: number } }>(apiUrl, '/v1/summary'),
      ({ totals }) => totals.records >= wanted.size && totals.openBreaks >= BREAKS,
      30_000,
    );
    expect(await up.stop()).toBe(0);

    const stored = await readStored(join(directory, 'data', 'store'));
    const records = [...stored.values()].flatMap((rows) => rows.records.map((line) => line.split('\t')));
    expect(records.length).toBe(wanted.size);
    const found = new Map(records.map((row) => [`${row[SOURCE]!}|${row[ID]!}`, BigInt(row[AMOUNT]!)]));
    expect(found).toEqual(wanted);

    const nats = await startNatsServer({ dataDir: join(directory, 'data') });
    const log = await connectLog({ url: nats.url });
    try {
      for (let p = 0; p < PARTITIONS; p++) {
        const checkpoint = readCheckpoint(join(directory, 'data', 'checkpoints', `p${p}`));
        const expected = await expectedRows(log, p, checkpoint!.facts.sequence);
        for (const table of ROW_TABLES) {
          expect(stored.get(p)?.[table], `${table} of partition ${p}`).toEqual(expected[table]);
        }
        expect(expected.matches.length).toBeGreaterThan(1000);
        expect(expected.breaks.length).toBeGreaterThan(0);
      }
    } finally {
      await log.close();
      await nats.stop();
    }
  } finally {
    poster.stop();
    await up?.kill();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}, 180_000);

function upConfig(): object {
  const config = workloadConfig(PARTITIONS) as { sources: object };
  const source = { connector: 'http-json', outOfOrder: '2m', onIdReuse: 'reject' };
  return {
    ...config,
    sources: Object.fromEntries(Object.keys(config.sources).map((name) => [name, source])),
    engine: { shards: 2, checkpointInterval: '700ms', flushInterval: '50ms', flushRows: 3000 },
  };
}

/** A day in posts of one source each, in about the order in which its records come. */
function* postsOf(seed: number): Generator<Post> {
  const waiting = new Map<string, MoneyRecord[]>();
  const day = { records: RECORDS, seed, accounts: 40, start: Date.now() - 4 * HOUR, spanMs: 4 * HOUR };
  for (const record of syntheticDay(day)) {
    const records = waiting.get(record.source) ?? [];
    waiting.set(record.source, records);
    if (records.push(record) === BATCH) yield { source: record.source, records: records.splice(0) };
  }
  for (const [source, records] of waiting) yield { source, records };
}

function toPosted(record: MoneyRecord): object {
  const exponent = exponentOf(record.currency);
  const local = new Date(record.time + record.offsetMinutes * 60_000).toISOString();
  return {
    id: record.id,
    account: record.account,
    kind: record.kind,
    currency: record.currency,
    amount: formatMinor(record.amount, exponent),
    fee: formatMinor(record.fee, exponent),
    time: local.replace('Z', '+04:00'),
    references: record.references,
  };
}

function keyOf(record: MoneyRecord): string {
  return `${record.source}|${record.id}`;
}

function columnOf(name: string): number {
  return TABLES.records.findIndex(([column]) => column === name);
}
