import { resolve } from 'node:path';
import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import { readRatesOnce } from '../../../connectors/rates/index.ts';
import { loadConfig, toRuleSet } from '../../../engine/config/index.ts';
import type { Config, LoadedConfig } from '../../../engine/config/index.ts';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import type { RuleSet } from '../../../engine/domain/index.ts';
import { LineWriter } from '../reconcile/line-writer.ts';
import { Progress } from '../reconcile/progress.ts';
import { mayColour } from '../reconcile/readable.ts';
import { differenceLines } from './difference-lines.ts';
import { openLog } from './open-log.ts';
import { overFiles } from './over-files.ts';
import type { PartitionOutcome } from './over-files.ts';
import { overLog } from './over-log.ts';
import { readableReport } from './readable-report.ts';
import { Report } from './report.ts';

export interface BacktestOptions {
  /** Path of the configuration whose rules are tried. */
  readonly rules: string;
  /** Path of a configuration of the file command: its files, and the rules to compare with. */
  readonly files?: string | undefined;
  /** Path of a deployment's configuration: its log, and the rules in it. */
  readonly config?: string | undefined;
  /** Where each difference goes as a line of JSON: a path, or `-` for standard output. */
  readonly out?: string | undefined;
  /** Whether the report on standard output is JSON. */
  readonly json: boolean;
}

/**
 * Tries new rules on what has been: the same records at the same times, by the old rules and by the new ones.
 * @throws CounterfoilError for anything that stops it; then nothing stands under the name of the output
 */
export async function backtest(options: BacktestOptions): Promise<Report> {
  const startedMs = performance.now();
  const { files, config, out } = options;
  if ((files === undefined) === (config === undefined)) {
    throw new CounterfoilError(
      'invalidConfig',
      'a backtest runs over files (--files reconcile.yaml) or over a log (--config counterfoil.yaml): name one of them',
    );
  }
  if (
    out !== undefined &&
    [options.rules, files, config].some((path) => path !== undefined && resolve(path) === resolve(out))
  ) {
    throw new CounterfoilError('invalidConfig', `--out ${out} is a file that is read; choose another name`);
  }
  const progress = new Progress();
  const notice = (line: string): void => {
    progress.end();
    process.stderr.write(`${line}\n`);
  };
  const newRules = await rulesOf(options.rules, files === undefined, notice);
  const old = await loadWithRates((files ?? config)!, files === undefined, notice);
  for (const { name } of old.config.sources) {
    if (newRules.sources.some((source) => source.name === name)) continue;
    notice(`source "${name}" is not in ${options.rules}: by the new rules its records take no part`);
  }
  const outcomes =
    files === undefined
      ? overDeployment(old.config, newRules, progress, notice)
      : one(overFiles(old, newRules, progress, notice));
  const writer = out === undefined ? undefined : new LineWriter(out);
  const report = new Report();
  try {
    for await (const { partition, records, comparison } of outcomes) {
      report.records += records;
      report.add(comparison);
      if (writer === undefined) continue;
      for (const line of differenceLines(partition, comparison)) {
        writer.line(line);
        await writer.flushed();
      }
    }
    await writer?.close();
  } catch (error) {
    writer?.discard();
    throw error;
  } finally {
    progress.end();
  }
  const elapsedMs = Math.round(performance.now() - startedMs);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...report.toJson(), elapsedMs })}\n`);
  else if (out !== '-') process.stdout.write(readableReport(report, elapsedMs, mayColour(process.stdout)));
  return report;
}

/** @param overLog the log tells what was published, and when; over files the sources are read once */
async function loadWithRates(
  path: string,
  overLog: boolean,
  notice: (line: string) => void,
): Promise<LoadedConfig> {
  const loaded = loadConfig(path, CONNECTOR_SCHEMAS);
  if (overLog) return loaded;
  return { ...loaded, config: await readRatesOnce(loaded.config, loaded.directory, notice) };
}

async function rulesOf(path: string, overLog: boolean, notice: (line: string) => void): Promise<RuleSet> {
  const { config } = await loadWithRates(path, overLog, notice);
  if (config.reconciliations.length === 0) {
    throw new CounterfoilError(
      'invalidConfig',
      `${path}: reconciliations: is missing; define the rules to try`,
    );
  }
  return toRuleSet(config);
}

async function* one(outcome: Promise<PartitionOutcome>): AsyncGenerator<PartitionOutcome> {
  yield await outcome;
}

async function* overDeployment(
  config: Config,
  newRules: RuleSet,
  progress: Progress,
  notice: (line: string) => void,
): AsyncGenerator<PartitionOutcome> {
  const { log, close } = await openLog(config);
  try {
    yield* overLog(log, config, newRules, progress, notice);
  } finally {
    await close();
  }
}
