import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeFrame } from '../../engine/codec/index.ts';
import type {
  LogMessage,
  PartitionSummary,
  ResultQueries,
  ResultStore,
  RuleSet,
} from '../../engine/domain/index.ts';
import { packMessages } from '../../engine/shards/index.ts';
import { PartitionHost } from '../../engine/shards/partition-host.ts';
import { openStore } from '../../engine/store/index.ts';
import type { Feature } from '../../engine/testing/random-features.ts';
import { randomTrace } from '../../engine/testing/random-trace.ts';
import { createRulesReader } from '../rules-in-force.ts';
import { drawStatement, type StatementPart } from './statement.ts';

/** How many random logs of each feature; more find more. */
const RUNS = Number(process.env['COUNTERFOIL_RUNS'] ?? 2);
const SEED = Number(process.env['COUNTERFOIL_SEED'] ?? 1);

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-books-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Stores what a partition makes of a log. @returns what its kernel counted */
async function storeRun(store: ResultStore, messages: readonly LogMessage[]): Promise<PartitionSummary> {
  const { host } = PartitionHost.open(0, 1, join(directory, 'no-checkpoint'));
  const batch = packMessages(
    messages.map(({ sequence, logTime, frame }) => ({ sequence, logTime, payload: encodeFrame(frame) })),
  );
  for (const { table, rows, bytes } of host.apply(batch).blocks)
    await store.insert(table, [bytes], rows, table);
  return host.summary()!;
}

/** Minor units that are open, by lines such as `broken left AED`. */
type Open = Map<string, bigint>;

type Standing = 'pending' | 'broken';

const SIDES = ['left', 'right'] as const;

/** As the kernel counted it, with the signs that the sides give it; not what it holds at the bounds of a double. */
function openInKernel(
  { reconciliations }: PartitionSummary,
  rules: RuleSet,
  counted: readonly Standing[],
): Open {
  const open: Open = new Map();
  const held = new Set<string>();
  for (const { reconciliation, currency, sides } of reconciliations) {
    const definition = rules.reconciliations.find(({ name }) => name === reconciliation)!;
    for (const side of SIDES)
      for (const standing of counted) {
        const line = `${standing} ${side} ${currency}`;
        const amount = sides[side][`${standing}Amount`];
        if (Math.abs(amount) === Number.MAX_SAFE_INTEGER) held.add(line);
        add(open, line, BigInt(definition[side].negate === true ? -amount : amount));
      }
  }
  for (const line of held) open.delete(line);
  return open;
}

/** As the statement says it. */
function openInStatement(parts: readonly StatementPart[], counted: readonly Standing[]): Open {
  const open: Open = new Map();
  for (const { currency, closing } of parts)
    for (const side of SIDES)
      for (const standing of counted)
        add(open, `${standing} ${side} ${currency}`, minorOf(closing[standing][side].amount));
  return open;
}

/** Without telling left from right. */
function bothSides(open: Open): Open {
  const both: Open = new Map();
  for (const [line, minor] of open) add(both, line.replace(/ (left|right) /, ' '), minor);
  return both;
}

function add(open: Open, line: string, minor: bigint): void {
  open.set(line, (open.get(line) ?? 0n) + minor);
}

/** Minor units of a decimal that has all its currency's places. */
function minorOf(decimal: string): bigint {
  return BigInt(decimal.replace('.', ''));
}

const NO_RULES = (): never => {
  throw new Error('the store knows the rules');
};

/** Features, and what of the open amounts the kernel counts once per record and for as long as it is open. */
const MIXTURES: readonly { features: readonly Feature[]; counted: readonly Standing[] }[] = [
  { features: [], counted: ['pending', 'broken'] },
  { features: ['language', 'hold', 'twins'], counted: ['pending', 'broken'] },
  // Each lane counts what is pending in it.
  { features: ['pools'], counted: ['broken'] },
  { features: ['groups', 'captureAll', 'contra', 'late'], counted: ['pending', 'broken'] },
  { features: ['partial'], counted: ['pending', 'broken'] },
  { features: ['fees', 'fx', 'groups'], counted: ['pending', 'broken'] },
  // Records that come back, give way to others or are selected no more are counted as they were.
  { features: ['commands'], counted: [] },
  { features: ['replace'], counted: [] },
  { features: ['replace', 'groups', 'late'], counted: [] },
  { features: ['rules', 'language'], counted: [] },
  { features: ['rules', 'commands', 'groups', 'partial', 'fx'], counted: [] },
];

describe.each(MIXTURES)('the books of random logs are whole: $features', ({ features, counted }) => {
  test.each(Array.from({ length: RUNS }, (_, i) => SEED + i))('seed %d', async (seed) => {
    const { messages } = randomTrace(seed, { features, steps: 50 });
    const store: ResultStore & ResultQueries = await openStore({
      url: 'embedded',
      // Each in a place of its own: to open one database, ClickHouse opens all that lie beside it.
      path: join(directory, `${features.join('-')}-${seed}`),
    });
    await store.migrate();
    const summary = await storeRun(store, messages);
    const force = await createRulesReader(store, NO_RULES)();
    const { parts } = await drawStatement(force, store, {}, undefined, []);
    const whole = parts.map(({ reconciliations, currency }) => [reconciliations, currency, '0', []]);
    expect(
      parts.map(({ reconciliations, currency, closing: { residual }, oddities }) => [
        ...[reconciliations, currency, residual.replace(/^-?0(\.0+)?$/, '0'), oddities],
      ]),
      JSON.stringify(force.rules.reconciliations),
    ).toEqual(whole);
    const kernel = openInKernel(summary, force.rules, counted);
    const said = openInStatement(parts, counted);
    for (const line of said.keys()) if (!kernel.has(line)) said.delete(line);
    // A pool may be the left of one reconciliation and the right of another: the kernel says which side broke.
    const compared = features.includes('pools') ? bothSides : (open: Open): Open => open;
    expect(compared(said)).toEqual(compared(kernel));
    await store.close();
  });
});
