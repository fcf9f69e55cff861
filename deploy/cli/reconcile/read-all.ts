import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { LoadedConfig, SourceConfig } from '../../../engine/config/index.ts';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import { openFiles } from './open-files.ts';
import type { Progress } from './progress.ts';
import { count } from './progress.ts';
import type { ReadBatch } from './read-source.ts';
import { readSource } from './read-source.ts';
import type { ReadReply, ReadRequest } from './read-worker.ts';
import type { Input } from './run.ts';
import type { SourceFile } from './source-files.ts';
import { fileSources, filesOf } from './source-files.ts';

/** Below this many bytes of input a thread costs more than it saves. */
const THREADS_FROM_BYTES = 4 * 1024 * 1024;

/** Compiled code has compiled workers beside it; code that runs from its sources reads in its own thread. */
const COMPILED = import.meta.url.endsWith('.js');

/** One source with its files. */
interface Job {
  readonly source: SourceConfig;
  readonly files: readonly SourceFile[];
  readonly batches: ReadBatch[];
}

/**
 * Reads every file of every source, several sources at a time.
 * @param notice takes lines for the operator
 * @throws CounterfoilError of the first source that cannot be read
 */
export async function readAll(
  loaded: LoadedConfig,
  progress: Progress,
  notice: (line: string) => void,
): Promise<Input> {
  const jobs = await Promise.all(
    fileSources(loaded.config).map(async (source): Promise<Job> => ({
      source,
      files: await filesOf(source, loaded.directory),
      batches: [],
    })),
  );
  const bytes = jobs.flatMap((job) => job.files).reduce((sum, file) => sum + file.bytes, 0);
  let records = 0;
  const take = (job: Job, batch: ReadBatch): void => {
    job.batches.push(batch);
    for (const { frame } of batch.frames) records += frame.count;
    progress.show(() => `reading: ${count(records)} records`);
  };
  const threads = COMPILED && bytes >= THREADS_FROM_BYTES;
  const waiting = [...jobs];
  const running = new Set<Worker>();
  const next = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const current = job;
      if (threads) await readInThread(loaded.path, current, (batch) => take(current, batch), notice, running);
      else
        await readSource(current.source.name, openFiles(current.source, current.files, notice), (batch) =>
          take(current, batch),
        );
    }
  };
  try {
    await Promise.all(Array.from({ length: threads ? availableParallelism() : 1 }, next));
  } catch (error) {
    await Promise.all([...running].map((worker) => worker.terminate()));
    throw error;
  }
  const batches = jobs.flatMap((job) => job.batches);
  return { frames: batches.flatMap((batch) => batch.frames), rest: batches };
}

function readInThread(
  configPath: string,
  job: Job,
  take: (batch: ReadBatch) => void,
  notice: (line: string) => void,
  running: Set<Worker>,
): Promise<void> {
  const request: ReadRequest = { configPath, source: job.source.name, files: job.files };
  const worker = new Worker(new URL('./read-worker.js', import.meta.url), { workerData: request });
  running.add(worker);
  return new Promise<void>((done, failed) => {
    worker.on('message', (reply: ReadReply) => {
      if (reply.type === 'batch') take(reply.batch);
      else if (reply.type === 'notice') notice(reply.line);
      else if (reply.type === 'failed') failed(CounterfoilError.fromPlain(reply.error));
      else done();
    });
    worker.once('error', (error) => failed(CounterfoilError.from(error)));
    worker.once('exit', (code) => {
      running.delete(worker);
      failed(
        new CounterfoilError(
          'internal',
          `the thread that reads source "${job.source.name}" ended early (${code})`,
        ),
      );
    });
  });
}
