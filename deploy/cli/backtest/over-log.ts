import { decodeFrame } from '../../../engine/codec/index.ts';
import { toRuleSet } from '../../../engine/config/index.ts';
import type { Config } from '../../../engine/config/index.ts';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import type { Log, LogMessage, RuleSet } from '../../../engine/domain/index.ts';
import { count } from '../reconcile/progress.ts';
import type { Progress } from '../reconcile/progress.ts';
import { Lockstep, publishesRates } from './lockstep.ts';
import type { PartitionOutcome } from './over-files.ts';

/** Bytes of the log held in memory ahead. */
const READ_BYTES = 4 << 20;

/** What is asked of a log here: to be read. */
export type ReadableLog = Pick<Log, 'state' | 'read' | 'get'>;

/** What has to be known of a partition's log before it is matched. */
interface Scan {
  readonly from: number;
  readonly through: number;
  /** The first rules in the log; undefined where it holds none any more. */
  readonly rules: RuleSet | undefined;
  readonly hasCommands: boolean;
}

/**
 * Both rule sets over every partition of a deployment's log, as far as it had come when each was opened.
 * @param config of the deployment
 * @param notice takes lines for the operator
 * @throws CounterfoilError `invalidConfig` where the new rules cut records into other partitions
 */
export async function* overLog(
  log: ReadableLog,
  config: Config,
  newRules: RuleSet,
  progress: Progress,
  notice: (line: string) => void,
): AsyncGenerator<PartitionOutcome> {
  if (newRules.partitionBy.join() !== config.partitionBy.join()) {
    throw new CounterfoilError(
      'invalidConfig',
      `partitionBy: the new rules say ${newRules.partitionBy.join(', ')}, the log is parted by ${config.partitionBy.join(', ')}; a backtest over the log needs the same`,
    );
  }
  let isToldOfRates = false;
  for (let partition = 0; partition < config.partitions; partition++) {
    const scan = await scanPartition(log, partition);
    if (scan === undefined) continue;
    if (scan.from > 1) {
      notice(
        `partition ${partition}: the log begins at message ${scan.from}; what came before is no longer there and takes no part`,
      );
    }
    const oldRules = scan.rules ?? toRuleSet(config);
    const published = publishedTables(oldRules, newRules);
    if (scan.from > 1 && published !== '' && !isToldOfRates) {
      isToldOfRates = true;
      notice(
        `partition ${partition}: the rates published before message ${scan.from} for ${published} are no longer there, so that conversions of those days break; to have them, write them into that table in both configurations (path or values)`,
      );
    }
    const lockstep = new Lockstep({
      kernel: { epoch: 0, partition, watermark: 'sources' },
      oldRules,
      newRules,
      start: { sequence: scan.from - 1, logTime: await firstLogTime(log, partition, scan) },
      hasCommands: scan.hasCommands,
    });
    for await (const message of messages(log, partition, scan)) {
      lockstep.apply(message);
      progress.show(
        () =>
          `partition ${partition + 1} of ${config.partitions}: message ${count(message.sequence)} of ${count(scan.through)}`,
      );
    }
    yield { partition, records: lockstep.summary().records, comparison: lockstep.compare() };
  }
}

/** The tables of rates that either rule set expects to be published, for a line of text; empty without any. */
function publishedTables(...sets: readonly RuleSet[]): string {
  const names = new Set(sets.flatMap(({ publishedTables: tables }) => tables ?? []));
  return [...names].map((name) => `"${name}"`).join(', ');
}

async function scanPartition(log: ReadableLog, partition: number): Promise<Scan | undefined> {
  const { firstSequence, lastSequence } = await log.state(partition);
  if (lastSequence < firstSequence) return undefined;
  const bounds = { from: firstSequence, through: lastSequence };
  let rules: RuleSet | undefined;
  let hasRecords = false;
  let hasCommands = false;
  for await (const { frame } of messages(log, partition, bounds)) {
    if (frame.kind === 'command') hasCommands ||= !publishesRates(frame);
    else if (frame.kind === 'records') hasRecords = true;
    // Rules after records are a change: what was in force before it is no longer in the log.
    else if (frame.kind === 'rules' && !hasRecords) rules ??= JSON.parse(frame.json) as RuleSet;
  }
  return { ...bounds, rules, hasCommands };
}

async function firstLogTime(log: ReadableLog, partition: number, { from }: Scan): Promise<number> {
  return (await log.get(partition, from))?.logTime ?? 0;
}

/** Messages of a partition in order, log time never going back. */
async function* messages(
  log: ReadableLog,
  partition: number,
  { from, through }: Pick<Scan, 'from' | 'through'>,
): AsyncGenerator<LogMessage> {
  const enough = new AbortController();
  let logTime = 0;
  try {
    for await (const batch of log.read(partition, from, { maxBytes: READ_BYTES, signal: enough.signal })) {
      for (const { sequence, logTime: at, payload } of batch) {
        if (sequence > through) return;
        logTime = Math.max(logTime, at);
        yield { sequence, logTime, frame: decodeFrame(payload) };
      }
      if (batch.at(-1)!.sequence >= through) return;
    }
  } finally {
    enough.abort();
  }
}
