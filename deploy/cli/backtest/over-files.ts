import { toRuleSet } from '../../../engine/config/index.ts';
import type { LoadedConfig } from '../../../engine/config/index.ts';
import type { LogMessage, RuleSet } from '../../../engine/domain/index.ts';
import type { KernelOptions, ResultSink } from '../../../engine/matching/kernel-types.ts';
import { createKernel } from '../../../engine/matching/index.ts';
import { loadCommands } from '../reconcile/commands/load.ts';
import type { Progress } from '../reconcile/progress.ts';
import { readAll } from '../reconcile/read-all.ts';
import { runKernel } from '../reconcile/run.ts';
import type { FileMatcher } from '../reconcile/run.ts';
import type { PartitionComparison } from './compare.ts';
import { Lockstep } from './lockstep.ts';

/** What one partition, or all files, came to. */
export interface PartitionOutcome {
  readonly partition: number;
  readonly records: number;
  readonly comparison: PartitionComparison;
}

/**
 * Both rule sets over the files of a configuration of the file command, with its commands.
 * @param notice takes lines for the operator
 */
export async function overFiles(
  old: LoadedConfig,
  newRules: RuleSet,
  progress: Progress,
  notice: (line: string) => void,
): Promise<PartitionOutcome> {
  const commands = loadCommands(old);
  const input = await readAll(old, progress, notice);
  let lockstep: Lockstep | undefined;
  const createMatcher = (kernel: KernelOptions): FileMatcher => {
    const tee = new Tee(kernel, old, newRules, commands.length > 0);
    lockstep = tee.lockstep;
    return tee;
  };
  await runKernel({
    config: old.config,
    input,
    commands,
    writer: undefined,
    progress,
    startedMs: performance.now(),
    createMatcher,
  });
  return { partition: 0, records: lockstep!.summary().records, comparison: lockstep!.compare() };
}

/** The runs to compare, and, where there are commands, the file command's own kernel, whose results resolve them. */
class Tee implements FileMatcher {
  readonly lockstep: Lockstep;
  readonly #kernel: FileMatcher | undefined;

  constructor(kernel: KernelOptions, old: LoadedConfig, newRules: RuleSet, hasCommands: boolean) {
    this.#kernel = hasCommands ? createKernel(kernel) : undefined;
    // Files are read once: what they repeat is recognised however far apart it stands.
    this.lockstep = new Lockstep({
      kernel,
      oldRules: { ...toRuleSet(old.config), seenHorizon: null },
      newRules: { ...newRules, seenHorizon: null },
      start: { sequence: 0, logTime: 0 },
      hasCommands,
    });
  }

  apply(message: LogMessage, sink: ResultSink): void {
    this.#kernel?.apply(message, sink);
    if (message.frame.kind !== 'rules') this.lockstep.apply(message);
  }

  finish(sink: ResultSink): void {
    this.#kernel?.finish(sink);
    this.lockstep.finish();
  }

  summary(): ReturnType<FileMatcher['summary']> {
    return this.lockstep.summary();
  }
}
