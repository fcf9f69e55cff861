import { expect, it } from 'vitest';
import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import { encodeFrame } from '../../../engine/codec/index.ts';
import { parseConfig, toRuleSet } from '../../../engine/config/index.ts';
import type { Command, LogMessage, MoneyRecord, StoredMessage } from '../../../engine/domain/index.ts';
import { aRecord } from '../../../engine/testing/a-record.ts';
import { recordsMessage, rulesMessage, tickMessage } from '../../../engine/testing/index.ts';
import { Progress } from '../reconcile/progress.ts';
import type { PartitionOutcome } from './over-files.ts';
import { overLog } from './over-log.ts';
import type { ReadableLog } from './over-log.ts';

const T = Date.UTC(2026, 10, 2, 10);
const HOUR = 3_600_000;

function configWith(tolerance: string) {
  const yaml = `
partitions: 2
sources: { gateway: { connector: http-json, outOfOrder: 1h }, bank: { connector: http-json, outOfOrder: 1h } }
reconciliations:
  - name: r
    left: { sources: [gateway] }
    right: { sources: [bank] }
    window: { before: 1h, after: 1h }
    rules: [{ name: by-reference, keys: [reference], tolerance: { amount: '${tolerance}' } }]
`;
  return parseConfig(yaml, 'c.yaml', CONNECTOR_SCHEMAS, { env: {}, directory: '.' });
}

function record(source: string, id: string, reference: string, amount: number, time = T): MoneyRecord {
  return aRecord({ source, id, kind: 'ledger', amount: BigInt(amount), time, references: { reference } });
}

/** A log of one partition with messages, and one that is empty. */
function logOf(messages: readonly LogMessage[]): ReadableLog {
  const stored = messages.map(({ sequence, logTime, frame }): StoredMessage => ({
    sequence,
    logTime,
    payload: encodeFrame(frame),
  }));
  return {
    state: (partition) =>
      Promise.resolve({
        createdMs: 0,
        epoch: 1,
        firstSequence: partition === 0 ? stored[0]!.sequence : 1,
        lastSequence: partition === 0 ? stored.at(-1)!.sequence : 0,
      }),
    async *read(_partition, from) {
      for (const message of stored) if (message.sequence >= from) yield await Promise.resolve([message]);
    },
    get: (_partition, sequence) => Promise.resolve(stored.find((message) => message.sequence === sequence)),
  };
}

async function run(messages: readonly LogMessage[], oldTolerance: string, newTolerance: string) {
  const notices: string[] = [];
  const outcomes: PartitionOutcome[] = [];
  const newRules = toRuleSet(configWith(newTolerance));
  const notice = (line: string): number => notices.push(line);
  for await (const outcome of overLog(
    logOf(messages),
    configWith(oldTolerance),
    newRules,
    new Progress(),
    notice,
  )) {
    outcomes.push(outcome);
  }
  return { notices, outcomes };
}

const rules = (sequence: number, tolerance: string): LogMessage =>
  rulesMessage(sequence, T, toRuleSet(configWith(tolerance)));
const records = [
  recordsMessage(2, T, [record('gateway', 'g1', 'R1', 1000), record('gateway', 'g2', 'R2', 2000)]),
  recordsMessage(3, T, [record('bank', 'b1', 'R1', 1000), record('bank', 'b2', 'R2', 1990)]),
];

it('takes the rules that the log begins with, and the new ones in their place', async () => {
  // The configuration says otherwise by now; what was in force is in the log.
  const { outcomes, notices } = await run([rules(1, '0.00'), ...records], '9.00', '0.50');
  expect(outcomes).toHaveLength(1);
  expect(outcomes[0]).toMatchObject({ partition: 0, records: 4 });
  const { agreed, gained, lost } = outcomes[0]!.comparison;
  expect(agreed).toEqual(new Map([['r AED', 1]]));
  expect(gained.map(({ legs }) => legs.map(({ id }) => id))).toEqual([['g2', 'b2']]);
  expect(lost).toEqual([]);
  expect(notices).toEqual([]);
});

it('takes the configuration’s rules where the log has lost its own, and says so', async () => {
  const { outcomes, notices } = await run(records, '0.00', '0.50');
  expect(outcomes[0]!.comparison.gained).toHaveLength(1);
  expect(notices).toEqual([expect.stringContaining('the log begins at message 2')]);
});

it('says once, where rates were published before the log begins, that they are missing, and what to do', async () => {
  const notices: string[] = [];
  const newRules = { ...toRuleSet(configWith('0.50')), publishedTables: ['central-bank'] };
  const notice = (line: string): number => notices.push(line);
  for await (const outcome of overLog(logOf(records), configWith('0.00'), newRules, new Progress(), notice))
    expect(outcome.records).toBe(4);
  expect(notices).toEqual([
    expect.stringContaining('the log begins at message 2'),
    expect.stringMatching(/published before message 2 for "central-bank" .* write them into that table/),
  ]);
});

it('lets time pass as it did: what broke in the log breaks again, and no window closes at its end', async () => {
  const late = [
    record('gateway', 'g3', 'R3', 300, T + 3 * HOUR),
    record('bank', 'b3', 'OTHER', 400, T + 3 * HOUR),
  ];
  const messages = [rules(1, '0.00'), ...records, recordsMessage(4, T + 3 * HOUR, late)];
  const { comparison } = (await run(messages, '0.00', '0.50')).outcomes[0]!;
  // g2 and b2 are due by then; g3 and b3 are not, in neither run.
  expect(comparison.breaksLost).toMatchObject([{ kind: 'amount', amount: 10 }]);
  expect([comparison.breaksGained.length, comparison.agreedBreaks.size]).toEqual([0, 0]);
});

it('hears people, where their commands were accepted', async () => {
  const pointer = (source: string, id: string, sequence: number, ordinal: number) => ({
    source,
    id,
    sequence,
    ordinal,
  });
  const commands: Command[] = [
    {
      kind: 'adjust',
      id: 'c1',
      by: 'amal',
      why: 'close',
      reconciliation: 'r',
      records: [pointer('gateway', 'g2', 2, 1), pointer('bank', 'b2', 3, 1)],
    },
    {
      kind: 'adjust',
      id: 'c2',
      by: 'amal',
      why: 'too late',
      reconciliation: 'r',
      records: [pointer('gateway', 'g1', 2, 0), pointer('bank', 'b1', 3, 0)],
    },
  ];
  const messages = [
    rules(1, '0.00'),
    ...records,
    ...commands.map((command, i): LogMessage => ({
      sequence: 4 + i,
      logTime: T,
      frame: { kind: 'command', json: JSON.stringify(command) },
    })),
    tickMessage(6, T + HOUR),
  ];
  const { comparison } = (await run(messages, '0.00', '0.50')).outcomes[0]!;
  expect(comparison.people).toMatchObject([
    { judgement: { commandId: 'c1', kind: 'adjust', by: 'amal' }, byOld: false, byNew: true },
  ]);
});

it('refuses rules that part the log otherwise', async () => {
  const newRules = { ...toRuleSet(configWith('0.50')), partitionBy: ['currency' as const] };
  const outcomes = overLog(logOf(records), configWith('0.00'), newRules, new Progress(), () => undefined);
  await expect(outcomes.next()).rejects.toThrow(
    /^partitionBy: the new rules say currency, the log is parted by account/,
  );
});
