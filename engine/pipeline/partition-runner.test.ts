import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CounterfoilError } from '../domain/index.ts';
import type { Log, ResultStore, StoredMessage } from '../domain/index.ts';
import { readCheckpoint, writeCheckpoint } from '../shards/checkpoint-file.ts';
import type { CheckpointFacts, ShardPool } from '../shards/index.ts';
import type { ShardTask } from '../shards/protocol.ts';
import { PartitionRunner } from './partition-runner.ts';
import { Rollups } from './rollups.ts';
import { pause } from './signal.ts';
import { PIPELINE_DEFAULTS, type PipelineDeps, type PipelineObserver } from './types.ts';
import { ResultWriter } from './writer.ts';

const PARTITION = 0;
const MESSAGES = 3;
const START = 1_700_000_000_000;
const RULES_HASH = 'rules-1';

let directory: string;
let events: string[];
let stop: AbortController;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-runner-'));
  events = [];
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await rm(directory, { recursive: true, force: true });
});

/** Resolves once `open()` was called. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

const observer: PipelineObserver = {
  inserted: () => undefined,
  insertRetried: () => undefined,
  stored: () => undefined,
  checkpointed: (_, sequence) => events.push(`checkpoint ${sequence}`),
  summary: () => undefined,
  event: (level, message) => events.push(`${level}: ${message}`),
};

/** A log of three messages that are read in one batch; then nothing more comes. */
function shortLog(): Log {
  const messages: StoredMessage[] = Array.from({ length: MESSAGES }, (_, i) => ({
    sequence: i + 1,
    logTime: START + i,
    payload: new Uint8Array([i]),
  }));
  const log: Partial<Log> = {
    state: () => Promise.resolve({ createdMs: START, epoch: 1, firstSequence: 1, lastSequence: MESSAGES }),
    async *read(_, from, { signal }) {
      yield messages.slice(from - 1);
      await pause(60_000, signal);
    },
    append: () => Promise.resolve({ sequence: MESSAGES, duplicate: false }),
    get: (_, sequence) => Promise.resolve(messages[sequence - 1]),
    purge: () => Promise.resolve(),
    announce: () => undefined,
  };
  return log as Log;
}

/** Stands for the worker thread: it writes real checkpoints and one row for each batch. */
function threadOf(onTask: (task: ShardTask) => void): ShardPool {
  let facts: CheckpointFacts = {
    epoch: 1,
    partition: PARTITION,
    sequence: 0,
    logTime: 0,
    streamCreatedMs: START,
    rulesHash: RULES_HASH,
  };
  const answer = (task: ShardTask): unknown => {
    onTask(task);
    if (task.type === 'open') return readCheckpoint(task.directory)?.facts ?? null;
    if (task.type === 'checkpoint') {
      return writeCheckpoint(join(directory, `p${PARTITION}`), facts, undefined, []);
    }
    if (task.type !== 'apply') return null;
    facts = { ...facts, sequence: MESSAGES, logTime: START + MESSAGES - 1 };
    const blocks = [{ table: 'records', rows: 1, bytes: Buffer.from('row\n') }];
    return { ...facts, firstLogTime: START, blocks, minutes: [], isBehind: false };
  };
  const run = async (task: ShardTask): Promise<unknown> => Promise.resolve(task).then(answer);
  return { run } as unknown as ShardPool;
}

/** A runner over real writer and checkpoint files; inserts wait for `insert`. */
function runnerOver(insert: Promise<void>, onTask: (task: ShardTask) => void): PartitionRunner {
  const store: Partial<ResultStore> = {
    insert: () => insert,
    positionsAbove: () => Promise.resolve({ sequence: new Float64Array(), n: new Uint32Array() }),
  };
  const deps: Partial<PipelineDeps> = {
    log: shortLog(),
    store: store as ResultStore,
    shards: threadOf(onTask),
    rules: { frame: { hash: RULES_HASH } } as PipelineDeps['rules'],
    observer,
    encode: () => new Uint8Array(),
  };
  const options = {
    ...PIPELINE_DEFAULTS,
    partitions: 1,
    checkpointDirectory: directory,
    checkpointIntervalMs: 5,
    summaryIntervalMs: 5,
    flushIntervalMs: 1,
  };
  const writer = new ResultWriter(
    deps.store!,
    options,
    observer,
    () => undefined,
    (error) => expect.fail(error.message),
  );
  const rollups = new Rollups(deps.store!, observer);
  return new PartitionRunner(PARTITION, { deps: deps as PipelineDeps, options, writer, rollups });
}

test('a stop while a checkpoint waits for its rows still ends with a checkpoint at the last message', async () => {
  const stored = gate();
  const checkpointing = gate();
  const runner = runnerOver(stored.opened, ({ type }) => {
    if (type === 'checkpoint') checkpointing.open();
  });
  const running = runner.run(stop.signal);
  await checkpointing.opened;
  stop.abort();
  stored.open();
  await running;
  expect(readCheckpoint(join(directory, `p${PARTITION}`))?.facts.sequence).toBe(MESSAGES);
});

test('a thread that dies while a checkpoint waits for its rows is told, and the partition goes on', async () => {
  const stored = gate();
  const again = gate();
  let lives = 0;
  let isWaiting = false;
  const runner = runnerOver(stored.opened, ({ type }) => {
    if (type === 'open' && ++lives === 2) again.open();
    if (type === 'checkpoint') isWaiting = true;
    if (type === 'summary' && isWaiting && lives === 1) {
      setImmediate(stored.open);
      throw new CounterfoilError('shardDied', 'the thread of partition 0 has died');
    }
  });
  const running = runner.run(stop.signal);
  await again.opened;
  stop.abort();
  await running;
  expect(events).toContain(
    'warn: partition 0 starts again from its checkpoint: the thread of partition 0 has died',
  );
  expect(readCheckpoint(join(directory, `p${PARTITION}`))?.facts.sequence).toBe(MESSAGES);
});
