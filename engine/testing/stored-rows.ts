import { createClient, type ClickHouseClientConfigOptions } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import {
  RowBuffer,
  decodeFrame,
  writeBreakRow,
  writeFindingRow,
  writeMatchRow,
  writeRecordRow,
} from '../codec/index.ts';
import type { Log, StoredMessage } from '../domain/index.ts';
import { ReferenceMatcher } from './reference-matcher.ts';

const EPOCH = 1;
const READ_BYTES = 4 << 20;

/** Rows of one partition per table, as the text that ClickHouse stores and shows, in order of position. */
export type Rows = Readonly<Record<'records' | 'matches' | 'breaks' | 'findings', string[]>>;

/** The tables of {@link Rows}. */
export const ROW_TABLES: readonly (keyof Rows)[] = ['records', 'matches', 'breaks', 'findings'];

/** The reference matcher's rows over a partition's log as it lies there, ticks included, up to a sequence. */
export async function expectedRows(log: Log, partition: number, through: number): Promise<Rows> {
  const matcher = new ReferenceMatcher({ epoch: EPOCH, partition, watermark: 'sources' });
  const buffers = {
    records: new RowBuffer(),
    matches: new RowBuffer(),
    breaks: new RowBuffer(),
    findings: new RowBuffer(),
  };
  for (const { sequence, logTime, payload } of await readLog(log, partition, through)) {
    const frame = decodeFrame(payload);
    for (const result of matcher.apply({ sequence, logTime, frame })) {
      if (result.type === 'accepted' && frame.kind === 'records') {
        const { row } = result;
        writeRecordRow(buffers.records, EPOCH, partition, sequence, row, logTime, frame, row);
      } else if (result.type === 'match') writeMatchRow(buffers.matches, EPOCH, partition, result);
      else if (result.type === 'break') writeBreakRow(buffers.breaks, EPOCH, partition, result);
      else if (result.type === 'finding') writeFindingRow(buffers.findings, EPOCH, partition, result);
    }
  }
  const lines = (buffer: RowBuffer): string[] =>
    Buffer.from(buffer.take()).toString().split('\n').slice(0, -1);
  return {
    records: lines(buffers.records),
    matches: lines(buffers.matches),
    breaks: lines(buffers.breaks),
    findings: lines(buffers.findings).map(withoutMessage),
  };
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
      if (!rows.has(partition)) rows.set(partition, { records: [], matches: [], breaks: [], findings: [] });
      rows.get(partition)![table].push(table === 'findings' ? withoutMessage(line) : line);
    }
  }
  await client.close();
  return rows;
}

/** The wording of a finding is the implementation's own. */
function withoutMessage(line: string): string {
  return line.slice(0, line.lastIndexOf('\t'));
}
