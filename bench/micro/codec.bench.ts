import { decode, encode } from '@msgpack/msgpack';
import { Bench } from 'tinybench';
import {
  RecordFrameBuilder,
  RowBuffer,
  decodeFrame,
  encodeFrame,
  gatherRecords,
  partitionOf,
  readRecord,
  writeMatchRow,
  writeRecordRow,
} from '../../engine/codec/index.ts';
import type { Match, MoneyRecord, RecordFrame } from '../../engine/domain/index.ts';
import type { BenchFigure } from '../figures.ts';

/** Records a frame: the size at which the connectors flush. */
const RECORDS = 512;

/**
 * Measures the codec on one frame of usual records: what a connector does to each record, what a shard does, and, for
 * comparison, the same records as msgpack objects. `quick` runs each for a few milliseconds, to show that it runs.
 */
export async function runCodecBench(options: { quick: boolean }): Promise<BenchFigure[]> {
  const records = Array.from({ length: RECORDS }, (_, i) => sampleRecord(i));
  const plain = records.map(plainRecord);
  const builder = new RecordFrameBuilder();
  const rows = new RowBuffer();
  const frame = build(builder, records);
  const payload = encodeFrame(frame);
  const plainPayloads = plain.map((record) => encode(record));
  const plainBatch = encode(plain);
  const frameOf = new Uint32Array(RECORDS);
  const rowOf = Uint32Array.from({ length: RECORDS }, (_, i) => (i * 257) % RECORDS);

  const bench = new Bench({ time: options.quick ? 10 : 600, warmupTime: options.quick ? 5 : 200 });
  const tasks: { [name: string]: () => unknown } = {
    'build and encode': () => encodeFrame(build(builder, records)),
    'choose partition': () => records.reduce((sum, record) => sum + partitionOf(record, ['account'], 16), 0),
    decode: () => decodeFrame(payload),
    'decode and read objects': () => {
      const decoded = decodeFrame(payload) as RecordFrame;
      return records.map((_, row) => readRecord(decoded, row));
    },
    gather: () => gatherRecords([frame], frameOf, rowOf, 0, RECORDS),
    'write rows': () => {
      for (let row = 0; row < RECORDS; row++) writeRecordRow(rows, 1, 3, 123_456, row, LOG_TIME, frame, row);
      rows.reset();
    },
    'write match rows': () => {
      for (let i = 0; i < RECORDS; i++) writeMatchRow(rows, 1, 3, MATCH);
      rows.reset();
    },
    'peer: encode an object a record': () => plain.map((record) => encode(record)),
    'peer: decode an object a record': () => plainPayloads.map((bytes) => decode(bytes)),
    'peer: encode an array of objects': () => encode(plain),
    'peer: decode an array of objects': () => decode(plainBatch),
  };
  for (const [name, task] of Object.entries(tasks)) bench.add(name, task);
  await bench.run();

  const figures = bench.tasks.map((task): BenchFigure => {
    const result = task.result;
    if (!('throughput' in result)) throw new Error(`${task.name} did not run: ${result.state}`);
    return {
      name: `codec: ${task.name}`,
      value: Math.round((1000 / result.latency.p50) * RECORDS),
      unit: task.name.endsWith('rows') ? 'rows/s' : 'records/s',
    };
  });
  const plainBytes = plainPayloads.reduce((sum, bytes) => sum + bytes.length, 0);
  return [
    ...figures,
    { name: 'codec: encoded size', value: Math.round(payload.length / RECORDS), unit: 'bytes/record' },
    { name: 'codec: peer: encoded size', value: Math.round(plainBytes / RECORDS), unit: 'bytes/record' },
  ];
}

const LOG_TIME = 1_795_000_000_000;

const MATCH: Match = {
  sequence: 123_456,
  n: 17,
  logTime: LOG_TIME,
  matchSequence: 123_456,
  matchN: 17,
  version: 1,
  state: 'matched',
  reconciliation: 'gateway-to-bank',
  pools: ['gateway-to-bank.left', 'gateway-to-bank.right'],
  rule: 'by-reference',
  fields: ['reference', 'currency', 'amount ± 0.50'],
  account: 'merchant-7',
  currency: 'AED',
  legs: [
    {
      side: 'left',
      source: 'gateway',
      id: 'pi_3P0000c7y',
      sequence: 99_120,
      ordinal: 311,
      allocated: 123_450,
    },
    { side: 'right', source: 'bank', id: 'FT26112200417', sequence: 123_456, ordinal: 4, allocated: 123_400 },
  ],
  difference: 50,
  causes: { tolerance: 50 },
  lagMs: 5_400_000,
};

function sampleRecord(i: number): MoneyRecord {
  return {
    source: i % 3 === 0 ? 'bank' : 'gateway',
    id: `pi_3P${(i * 7919).toString(36).padStart(10, '0')}`,
    account: `merchant-${i % 40}`,
    kind: i % 3 === 0 ? 'bank' : 'charge',
    status: 'booked',
    currency: i % 10 === 0 ? 'USD' : 'AED',
    amount: BigInt(1000 + ((i * 7919) % 900_000)),
    fee: BigInt(30 + (i % 70)),
    tax: BigInt(i % 5),
    time: LOG_TIME + i * 37,
    precision: 'instant',
    offsetMinutes: 240,
    valueDate: 20_775 + (i % 3),
    references: { reference: `INV-2026-${100_000 + i}` },
    attributes: { scheme: i % 2 === 0 ? 'visa' : 'mastercard' },
  };
}

/** The record as msgpack can carry it. */
function plainRecord(record: MoneyRecord): { [field: string]: unknown } {
  return { ...record, amount: Number(record.amount), fee: Number(record.fee), tax: Number(record.tax) };
}

function build(builder: RecordFrameBuilder, records: readonly MoneyRecord[]): RecordFrame {
  builder.reset();
  for (const record of records) builder.add(record);
  return builder.build();
}
