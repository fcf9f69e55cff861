import { resolve } from 'node:path';
import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import { readRatesOnce } from '../../../connectors/rates/index.ts';
import type { LoadedConfig } from '../../../engine/config/index.ts';
import { loadConfig } from '../../../engine/config/index.ts';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import { loadCommands } from './commands/load.ts';
import { LineWriter } from './line-writer.ts';
import { Progress } from './progress.ts';
import { readAll } from './read-all.ts';
import { mayColour, readableSummary } from './readable.ts';
import type { Totals } from './result-lines.ts';
import { runKernel } from './run.ts';
import type { RunOptions } from './run.ts';
import { fileSources, filesOf } from './source-files.ts';

export interface ReconcileOptions {
  /** Path of the configuration. */
  readonly file: string;
  /** Where the results go as lines of JSON: a path, or `-` for standard output. A readable summary if undefined. */
  readonly out?: string | undefined;
  /** What matches, where it is not to be the kernel. */
  readonly createMatcher?: RunOptions['createMatcher'];
}

/**
 * The file command: the configured reconciliations over the configured files, without broker or database.
 * @returns what the last line of the results says
 * @throws CounterfoilError for anything that stops it; then nothing stands under the name of the output
 */
export async function reconcile({ file, out, createMatcher }: ReconcileOptions): Promise<Totals> {
  const startedMs = performance.now();
  const loaded = loadConfig(file, CONNECTOR_SCHEMAS);
  if (loaded.config.reconciliations.length === 0) {
    throw new CounterfoilError(
      'invalidConfig',
      `${file}: reconciliations: is missing; define at least one to reconcile`,
    );
  }
  const commands = loadCommands(loaded);
  if (out !== undefined && out !== '-') await refuseOverwriting(loaded, out);
  const progress = new Progress();
  const notice = (line: string): void => {
    progress.end();
    process.stderr.write(`${line}\n`);
  };
  const config = await readRatesOnce(loaded.config, loaded.directory, notice);
  const input = await readAll(loaded, progress, notice);
  const writer = out === undefined ? undefined : new LineWriter(out);
  const discard = (): void => {
    writer?.discard();
    process.exit(130);
  };
  process.once('SIGINT', discard);
  try {
    const outcome = await runKernel({
      config,
      input,
      commands,
      writer,
      progress,
      startedMs,
      createMatcher,
    });
    await writer?.close();
    progress.end();
    if (writer === undefined) process.stdout.write(readableSummary(outcome, mayColour(process.stdout)));
    return outcome.totals;
  } catch (error) {
    progress.end();
    writer?.discard();
    throw error;
  } finally {
    process.off('SIGINT', discard);
  }
}

async function refuseOverwriting({ config, path, directory }: LoadedConfig, out: string): Promise<void> {
  const files = await Promise.all(fileSources(config).map((source) => filesOf(source, directory)));
  const read = [path, ...files.flat().map((file) => file.path)].map((file) => resolve(file));
  if (read.includes(resolve(out))) {
    throw new CounterfoilError(
      'invalidConfig',
      `--out ${out} is a file that is read; choose another name for the results`,
    );
  }
}
