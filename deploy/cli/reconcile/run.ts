import { gatherRecords, stringAt } from '../../../engine/codec/index.ts';
import { rulesHash, rulesJson, toRuleSet } from '../../../engine/config/index.ts';
import type { Config } from '../../../engine/config/index.ts';
import type { PartitionSummary } from '../../../engine/domain/index.ts';
import { createKernel } from '../../../engine/matching/index.ts';
import { ResultCollector } from './collector.ts';
import type { LineWriter } from './line-writer.ts';
import { orderByTime } from './order.ts';
import type { Progress } from './progress.ts';
import { count } from './progress.ts';
import type { ReadBatch, ReadFrame } from './read-source.ts';
import { breakLine, summaryLine } from './result-lines.ts';
import type { Totals } from './result-lines.ts';

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

/**
 * Matches records read from files: in order of time, the watermark being the time of the record at hand, and the end
 * of the input closing every window.
 * @param writer takes the results, if somebody wants them; it is left open
 */
export async function runKernel(
  config: Config,
  input: Input,
  writer: LineWriter | undefined,
  progress: Progress,
  startedMs: number,
): Promise<Outcome> {
  const frames = input.frames.map((read) => read.frame);
  const { count: total, frameOf, rowOf } = orderByTime(frames);
  let base = 0;
  const results = new ResultCollector(
    writer === undefined ? undefined : (text) => writer.line(text),
    (row) => {
      const read = input.frames[frameOf[base + row]!]!;
      return { file: read.file, line: read.lines[rowOf[base + row]!]! };
    },
  );
  for (const { deadLetters, findings } of input.rest) {
    for (const letter of deadLetters) results.deadLetter(letter);
    for (const finding of findings) results.finding(finding);
  }

  const kernel = createKernel({ epoch: 0, partition: 0, watermark: 'records' });
  // Files are read once: what they repeat is recognised however far apart it stands.
  const rules = { ...toRuleSet(config), seenHorizon: null };
  const rulesFrame = { kind: 'rules', json: rulesJson(rules), hash: rulesHash(rules) } as const;
  kernel.apply({ sequence: 0, logTime: 0, frame: rulesFrame }, results);
  for (base = 0; base < total; base += STEP_RECORDS) {
    const frame = gatherRecords(frames, frameOf, rowOf, base, Math.min(total, base + STEP_RECORDS));
    kernel.apply({ sequence: base + 1, logTime: 0, frame }, results);
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
    elapsedMs: Math.round(performance.now() - startedMs),
  };
  if (writer !== undefined) {
    const idAt = (sequence: number): string =>
      stringAt(frames[frameOf[sequence - 1]!]!.id, rowOf[sequence - 1]!);
    for (const broken of results.breaks.open(idAt)) {
      writer.line(breakLine(broken));
      await writer.flushed();
    }
    for (const line of results.trailing()) writer.line(line);
    writer.line(summaryLine({ ...totals, elapsedMs: Math.round(performance.now() - startedMs) }));
  }
  return { totals, summary, results };
}
