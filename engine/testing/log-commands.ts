import { decodeFrame, encodeFrame } from '../codec/index.ts';
import type { Log, RuleSet } from '../domain/index.ts';
import { Random } from './random.ts';
import { RandomCommands } from './random-commands.ts';
import { ReferenceMatcher } from './reference-matcher.ts';
import { readLog } from './stored-rows.ts';
import { commandJson } from './trace-commands.ts';
import { TraceLedger } from './trace-ledger.ts';

/**
 * Messages with commands about what a partition's log holds so far, as people and machines might send them: most make
 * sense now, fewer the later they are appended.
 */
export async function commandsAbout(
  log: Log,
  partition: number,
  count: number,
  seed: number,
): Promise<Uint8Array[]> {
  const matcher = new ReferenceMatcher({ epoch: 1, partition, watermark: 'sources' });
  const ledger = new TraceLedger(false);
  let rules: RuleSet | undefined;
  const { lastSequence } = await log.state(partition);
  for (const { sequence, logTime, payload } of await readLog(log, partition, lastSequence)) {
    const message = { sequence, logTime, frame: decodeFrame(payload) };
    if (message.frame.kind === 'rules') rules = JSON.parse(message.frame.json) as RuleSet;
    ledger.add(message, matcher.apply(message));
  }
  const commands = new RandomCommands(new Random(seed), ledger);
  let changes = 0;
  const changed = (set: RuleSet): RuleSet => ({ ...set, maxAhead: set.maxAhead + ++changes });
  return Array.from({ length: count }, () =>
    encodeFrame({ kind: 'command', json: commandJson(commands.next(rules!, changed), ledger) }),
  );
}
