import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeFrame } from '../../engine/codec/index.ts';
import type { LogMessage, ResultQueries, ResultStore } from '../../engine/domain/index.ts';
import { packMessages } from '../../engine/shards/index.ts';
import { PartitionHost } from '../../engine/shards/partition-host.ts';
import { openStore } from '../../engine/store/index.ts';
import type { Feature } from '../../engine/testing/random-features.ts';
import { randomTrace } from '../../engine/testing/random-trace.ts';
import { createRulesReader } from '../rules-in-force.ts';
import { drawStatement } from './statement.ts';

/** How many random logs of each feature; more find more. */
const RUNS = Number(process.env['COUNTERFOIL_RUNS'] ?? 2);
const SEED = Number(process.env['COUNTERFOIL_SEED'] ?? 1);

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-books-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Stores what a partition makes of a log. */
async function storeRun(store: ResultStore, messages: readonly LogMessage[]): Promise<void> {
  const { host } = PartitionHost.open(0, 1, join(directory, 'no-checkpoint'));
  const batch = packMessages(
    messages.map(({ sequence, logTime, frame }) => ({ sequence, logTime, payload: encodeFrame(frame) })),
  );
  for (const { table, rows, bytes } of host.apply(batch).blocks)
    await store.insert(table, [bytes], rows, table);
}

const NO_RULES = (): never => {
  throw new Error('the store knows the rules');
};

const MIXTURES: readonly (readonly Feature[])[] = [
  [],
  ['language', 'hold', 'twins'],
  ['pools'],
  ['groups', 'captureAll', 'contra', 'late'],
  ['partial'],
  ['fees', 'fx', 'groups'],
  ['commands'],
  ['replace'],
  ['rules', 'language'],
  ['rules', 'commands', 'groups', 'partial', 'fx'],
];

describe.each(MIXTURES.map((features) => ({ features })))(
  'the books of random logs are whole: $features',
  ({ features }) => {
    test.each(Array.from({ length: RUNS }, (_, i) => SEED + i))('seed %d', async (seed) => {
      const { messages } = randomTrace(seed, { features, steps: 50 });
      const database = `books_${features.join('_')}_${seed}`;
      const store: ResultStore & ResultQueries = await openStore({
        url: 'embedded',
        path: directory,
        database,
      });
      await store.migrate();
      await storeRun(store, messages);
      const force = await createRulesReader(store, NO_RULES)();
      const { parts } = await drawStatement(force, store, {}, undefined, []);
      const whole = parts.map(({ reconciliations, currency }) => [reconciliations, currency, '0', []]);
      expect(
        parts.map(({ reconciliations, currency, closing: { residual }, oddities }) => [
          ...[reconciliations, currency, residual.replace(/^-?0(\.0+)?$/, '0'), oddities],
        ]),
        JSON.stringify(force.rules.reconciliations),
      ).toEqual(whole);
      await store.close();
    });
  },
);
