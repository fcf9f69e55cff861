/**
 * A process that stores batches until it is killed: `node store-writer.js DIRECTORY LIFE`. Batch i of a life goes into
 * records and matches at (epoch LIFE, partitions 0 and 1, sequence i). It prints `acknowledged TABLE i` when an insert
 * has resolved, so that the one who kills it knows what must be there.
 */
import type { MoneyRecord, ResultStore, TableName } from '../domain/index.ts';
import { openStore } from '../store/index.ts';
import { aRecord } from './a-record.ts';
import { aMatch, matchRows, recordRows } from './store-rows.ts';

const [directory, lifeText] = process.argv.slice(2);
const life = Number(lifeText);
const ROWS = 1500;
const T0 = 1_760_000_000_000;

const records: MoneyRecord[] = Array.from({ length: ROWS }, (_, i) =>
  aRecord({ id: `pay_${i}`, amount: BigInt(i), references: { reference: `ref_${i}` } }),
);

function rowsOf(table: TableName, partition: number, sequence: number): Uint8Array {
  const logTime = T0 + sequence;
  if (table === 'records') return recordRows({ epoch: life, partition, sequence, logTime }, records);
  return matchRows(
    life,
    partition,
    Array.from({ length: ROWS }, (_, n) => aMatch({ sequence, n, logTime })),
  );
}

async function write(store: ResultStore, table: TableName): Promise<void> {
  for (let sequence = 1; ; sequence++) {
    const chunks = [0, 1].map((partition) => rowsOf(table, partition, sequence));
    await store.insert(table, chunks, 2 * ROWS, `${life}-${table}-${sequence}`);
    process.stdout.write(`acknowledged ${table} ${sequence}\n`);
  }
}

const store = await openStore({ url: 'embedded', path: directory });
await store.migrate();
process.stdout.write('ready\n');
await Promise.all([write(store, 'records'), write(store, 'matches')]);
