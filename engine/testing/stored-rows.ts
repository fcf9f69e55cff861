import { createClient, type ClickHouseClientConfigOptions } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import {
  RowBuffer,
  decodeFrame,
  writeBreakRow,
  writeCommandRow,
  writeFindingRow,
  writeMatchRow,
  writeRecordRow,
  writeRulesRow,
} from '../codec/index.ts';
import { TABLES, type Frame, type Log, type StoredMessage } from '../domain/index.ts';
import { ReferenceMatcher } from './reference-matcher.ts';
import type { Result } from './results.ts';

const EPOCH = 1;
const READ_BYTES = 4 << 20;

/** Rows of one partition per table, as the text that ClickHouse stores and shows, in order of position. */
export type Rows = Readonly<Record<(typeof ROW_TABLES)[number], string[]>>;

/** The tables of {@link Rows}. */
export const ROW_TABLES = ['records', 'matches', 'breaks', 'findings', 'commands', 'rules'] as const;

/** The reference matcher's rows over a partition's log as it lies there, ticks included, up to a sequence. */
export async function expectedRows(log: Log, partition: number, through: number): Promise<Rows> {
  const matcher = new ReferenceMatcher({ epoch: EPOCH, partition, watermark: 'sources' });
  const buffers = {
    records: new RowBuffer(),
    matches: new RowBuffer(),
    breaks: new RowBuffer(),
    findings: new RowBuffer(),
    commands: new RowBuffer(),
    rules: new RowBuffer(),
  };
  let inForce = '';
  for (const { sequence, logTime, payload } of await readLog(log, partition, through)) {
    const frame = decodeFrame(payload);
    const results = matcher.apply({ sequence, logTime, frame });
    const rules = rulesTaken(frame, results);
    if (rules !== undefined && rules.hash !== inForce) {
      inForce = rules.hash;
      writeRulesRow(buffers.rules, EPOCH, partition, sequence, logTime, rules);
    }
    for (const result of results) {
      if (result.type === 'accepted' && frame.kind === 'records') {
        const { row } = result;
        writeRecordRow(buffers.records, EPOCH, partition, sequence, row, logTime, frame, row);
      } else if (result.type === 'match') writeMatchRow(buffers.matches, EPOCH, partition, result);
      else if (result.type === 'break') writeBreakRow(buffers.breaks, EPOCH, partition, result);
      else if (result.type === 'finding') writeFindingRow(buffers.findings, EPOCH, partition, result);
      else if (result.type === 'answer') writeCommandRow(buffers.commands, EPOCH, partition, result);
    }
  }
  const entries = ROW_TABLES.map((table) => {
    const lines = Buffer.from(buffers[table].take()).toString().split('\n').slice(0, -1);
    return [table, lines.map((line) => withoutWording(table, line))] as const;
  });
  return Object.fromEntries(entries) as Rows;
}

/** The rules that a message brought, where they were taken. */
function rulesTaken(
  frame: Frame,
  results: readonly Result[],
): { readonly hash: string; readonly json: string } | undefined {
  if (frame.kind === 'rules')
    return results.some((each) => each.type === 'finding' && each.kind === 'rulesRefused')
      ? undefined
      : frame;
  const taken = results.some((each) => each.type === 'answer' && each.kind === 'rules' && each.accepted);
  return frame.kind === 'command' && taken
    ? (JSON.parse(frame.json) as { readonly hash: string; readonly json: string })
    : undefined;
}

/** The messages of a partition from the first through `through`, which it holds; none if that is 0. */
export async function readLog(log: Log, partition: number, through: number): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = [];
  if (through === 0) return messages;
  const enough = new AbortController();
  for await (const batch of log.read(partition, 1, { maxBytes: READ_BYTES, signal: enough.signal })) {
    messages.push(...batch.filter(({ sequence }) => sequence <= through));
    if (batch.at(-1)!.sequence >= through) break;
  }
  enough.abort();
  return messages;
}

/**
 * What lies in an embedded ClickHouse, partition by partition. No other process may have it open.
 * @param path the database's directory
 */
export async function readStored(path: string): Promise<Map<number, Rows>> {
  // chDB's types come from its own copy of the client's.
  const connection = createChdbConnection({ path }) as unknown as NonNullable<
    ClickHouseClientConfigOptions['connection']
  >;
  const client = createClient({ connection });
  const rows = new Map<number, Rows>();
  for (const table of ROW_TABLES) {
    const result = await client.query({
      query: `SELECT * FROM counterfoil.${table} ORDER BY epoch, partition, sequence, n`,
      format: 'TabSeparated',
    });
    for (const line of (await result.text()).split('\n').slice(0, -1)) {
      const partition = Number(line.split('\t', 2)[1]);
      if (!rows.has(partition))
        rows.set(partition, Object.fromEntries(ROW_TABLES.map((each) => [each, []])) as unknown as Rows);
      rows.get(partition)![table].push(withoutWording(table, line));
    }
  }
  await client.close();
  return rows;
}

/** The wording of findings and answers is the implementation's own. */
function withoutWording(table: (typeof ROW_TABLES)[number], line: string): string {
  if (table !== 'findings' && table !== 'commands') return line;
  const wording = TABLES[table].findIndex(([name]) => name === 'message' || name === 'reason');
  return line.split('\t').toSpliced(wording, 1).join('\t');
}
