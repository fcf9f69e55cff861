import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RowBuffer, writeBreakRow, writeMatchRow, writeRecordRow } from '../../engine/codec/index.ts';
import type { LogMessage, ResultQueries, ResultStore, RuleSet } from '../../engine/domain/index.ts';
import { openStore } from '../../engine/store/index.ts';
import type { Feature } from '../../engine/testing/random-features.ts';
import { randomTrace } from '../../engine/testing/random-trace.ts';
import { ReferenceMatcher } from '../../engine/testing/reference-matcher.ts';
import { BY_SOURCES } from '../../engine/testing/trace-run.ts';
import { drawStatement } from './statement.ts';

/** How many random logs of each feature; more find more. */
const RUNS = Number(process.env['COUNTERFOIL_RUNS'] ?? 2);
const SEED = Number(process.env['COUNTERFOIL_SEED'] ?? 1);

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-books-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Stores what the reference matcher makes of a log, as the engine would. */
async function storeRun(store: ResultStore, messages: readonly LogMessage[]): Promise<void> {
  const buffers = { records: new RowBuffer(), matches: new RowBuffer(), breaks: new RowBuffer() };
  const matcher = new ReferenceMatcher(BY_SOURCES);
  for (const message of messages) {
    const { sequence, logTime, frame } = message;
    for (const result of matcher.apply(message)) {
      if (result.type === 'match') writeMatchRow(buffers.matches, 1, 0, result);
      else if (result.type === 'break') writeBreakRow(buffers.breaks, 1, 0, result);
      else if (result.type === 'accepted' && frame.kind === 'records')
        writeRecordRow(buffers.records, 1, 0, sequence, result.row, logTime, frame, result.row);
    }
  }
  for (const table of ['records', 'matches', 'breaks'] as const) {
    const { rows } = buffers[table];
    await store.insert(table, [buffers[table].take()], rows, table);
  }
}

function rulesOf(messages: readonly LogMessage[]): RuleSet {
  const first = messages.find(({ frame }) => frame.kind === 'rules')!.frame;
  return JSON.parse((first as { readonly json: string }).json) as RuleSet;
}

const MIXTURES: readonly (readonly Feature[])[] = [
  [],
  ['language', 'hold', 'twins'],
  ['pools'],
  ['groups', 'captureAll', 'contra', 'late'],
  ['partial'],
  ['fees', 'fx', 'groups'],
  ['commands'],
  ['replace'],
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
      const rules = rulesOf(messages);
      const { parts, balanced } = await drawStatement(rules, store, {}, undefined, []);
      const whole = parts.map(({ reconciliations, currency }) => [reconciliations, currency, '0', []]);
      expect(
        parts.map(({ reconciliations, currency, closing: { residual }, oddities }) => [
          ...[reconciliations, currency, residual.replace(/^-?0(\.0+)?$/, '0'), oddities],
        ]),
        JSON.stringify(rules.reconciliations),
      ).toEqual(whole);
      expect(balanced).toBe(true);
      await store.close();
    });
  },
);
