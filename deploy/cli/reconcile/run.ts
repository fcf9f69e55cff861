import { gatherRecords, stringAt } from '../../../engine/codec/index.ts';
import { rulesHash, rulesJson, toRuleSet } from '../../../engine/config/index.ts';
import type { Config, FileCommand } from '../../../engine/config/index.ts';
import type { LogMessage, PartitionSummary, RecordFrame } from '../../../engine/domain/index.ts';
import { createKernel } from '../../../engine/matching/index.ts';
import type { KernelOptions, ResultSink } from '../../../engine/matching/kernel-types.ts';
import { ResultCollector } from './collector.ts';
import { CommandDesk } from './commands/command-desk.ts';
import type { LineWriter } from './line-writer.ts';
import { mayChange } from './match-table.ts';
import { orderByTime } from './order.ts';
import type { RowOrder } from './order.ts';
import type { Progress } from './progress.ts';
import { count } from './progress.ts';
import type { ReadBatch, ReadFrame } from './read-source.ts';
import { breakLine, summaryLine } from './result-lines.ts';
import type { Totals } from './result-lines.ts';
import { Timeline } from './timeline.ts';

/** Records that the kernel is given at a time. */
const STEP_RECORDS = 8192;

/** What the input was found to hold. */
export interface Input {
  /** In the order of the sources as configured, then of their files and lines. */
  readonly frames: readonly ReadFrame[];
  readonly rest: readonly Pick<ReadBatch, 'deadLetters' | 'findings'>[];
}

/** What a run came to. */
export interface Outcome {
  readonly totals: Totals;
  readonly summary: PartitionSummary;
  readonly results: ResultCollector;
}

/** What is asked of a matcher here: the kernel's part of it. */
export interface FileMatcher {
  apply(message: LogMessage, sink: ResultSink): void;
  finish(sink: ResultSink): void;
  summary(): PartitionSummary;
}

export interface RunOptions {
  readonly config: Config;
  readonly input: Input;
  /** In the order in which they are taken. */
  readonly commands: readonly FileCommand[];
  /** Takes the results, if somebody wants them; it is left open. */
  readonly writer: LineWriter | undefined;
  readonly progress: Progress;
  /** Of `performance.now()`, when the work began. */
  readonly startedMs: number;
  /** What matches: the kernel, unless another implementation is to be compared with it. */
  readonly createMatcher?: ((options: KernelOptions) => FileMatcher) | undefined;
}

/**
 * Matches records read from files: in order of time, the watermark being the time of the record or command at hand, and
 * the end of the input closing every window.
 */
export async function runKernel(options: RunOptions): Promise<Outcome> {
  const { config, input, commands, writer, progress, startedMs, createMatcher = createKernel } = options;
  const frames = input.frames.map((read) => read.frame);
  const order = orderByTime(frames);
  const { count: total, frameOf, rowOf } = order;
  const before = commands.map(({ at }) => recordsThrough(at, frames, order));
  const timeline = new Timeline(before);
  let base = 0;
  const desk =
    commands.length === 0
      ? undefined
      : new CommandDesk(config, commands, frames, order, timeline, (row) => timeline.sequenceOf(base + row));
  const results = new ResultCollector({
    line: writer === undefined ? undefined : (text) => writer.line(text),
    placeOf: (row) => {
      const read = input.frames[frameOf[base + row]!]!;
      return { file: read.file, line: read.lines[rowOf[base + row]!]! };
    },
    mayChange: mayChange(config, commands.length > 0),
    listener: desk,
  });
  for (const { deadLetters, findings } of input.rest) {
    for (const letter of deadLetters) results.deadLetter(letter);
    for (const finding of findings) results.finding(finding);
  }

  const kernel = createMatcher({ epoch: 0, partition: 0, watermark: 'records' });
  // Files are read once: what they repeat is recognised however far apart it stands.
  const rules = { ...toRuleSet(config), seenHorizon: null };
  const rulesFrame = { kind: 'rules', json: rulesJson(rules), hash: rulesHash(rules) } as const;
  kernel.apply({ sequence: 0, logTime: 0, frame: rulesFrame }, results);
  for (let given = 0; base < total || given < commands.length;) {
    if (before[given] === base) {
      const logTime = commands[given]!.at;
      const sequence = timeline.sequenceOfCommand(given);
      kernel.apply({ sequence: sequence - 1, logTime, frame: { kind: 'tick' } }, results);
      const resolved = desk!.resolve(given);
      if ('refusal' in resolved) results.command(resolved.refusal);
      else {
        const frame = { kind: 'command', json: JSON.stringify(resolved.command) } as const;
        kernel.apply({ sequence, logTime, frame }, results);
      }
      given++;
      continue;
    }
    const end = Math.min(total, base + STEP_RECORDS, before[given] ?? total);
    const frame = gatherRecords(frames, frameOf, rowOf, base, end);
    kernel.apply({ sequence: timeline.sequenceOf(base), logTime: 0, frame }, results);
    base = end;
    await writer?.flushed();
    progress.show(
      () => `matching: ${count(base)} of ${count(total)} records, ${count(results.matches)} matches`,
    );
    // Lets a signal be heard.
    await new Promise(setImmediate);
  }
  kernel.finish(results);

  const summary = kernel.summary();
  const totals: Totals = {
    records: summary.records,
    matches: results.matches,
    breaks: results.breaks.counts(),
    duplicates: summary.duplicates,
    unrouted: summary.unrouted,
    findings: results.findings,
    deadLetters: results.deadLetters,
    ...(commands.length === 0
      ? {}
      : { commands: { accepted: results.acceptedCommands, refused: results.refusedCommands } }),
    elapsedMs: Math.round(performance.now() - startedMs),
  };
  if (writer !== undefined) {
    for (const line of results.changedMatches()) {
      writer.line(line);
      await writer.flushed();
    }
    const idAt = (sequence: number): string => {
      const index = timeline.indexOf(sequence);
      return stringAt(frames[frameOf[index]!]!.id, rowOf[index]!);
    };
    for (const broken of results.breaks.unresolved(idAt)) {
      writer.line(breakLine(broken));
      await writer.flushed();
    }
    for (const line of results.trailing()) writer.line(line);
    writer.line(summaryLine({ ...totals, elapsedMs: Math.round(performance.now() - startedMs) }));
  }
  return { totals, summary, results };
}

/** How many records stand at or before a time. */
function recordsThrough(time: number, frames: readonly RecordFrame[], order: RowOrder): number {
  let low = 0;
  let high = order.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (frames[order.frameOf[middle]!]!.time[order.rowOf[middle]!]! <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
