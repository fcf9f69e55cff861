import {
  RecordFrameBuilder,
  RowBuffer,
  writeBreakRow,
  writeCommandRow,
  writeDeadLetterRow,
  writeFindingRow,
  writeMatchRow,
  writeRecordRow,
} from '../codec/index.ts';
import type { Break, CommandAnswer, DeadLetter, Finding, Match, MoneyRecord } from '../domain/index.ts';

/** Where a message lies: what its rows carry. */
export interface MessagePlace {
  readonly epoch: number;
  readonly partition: number;
  readonly sequence: number;
  /** Epoch milliseconds. */
  readonly logTime: number;
}

/** A match of g and b at its own position, with everything that a test does not say. */
export function aMatch(fields: Partial<Match> & { readonly sequence: number; readonly n: number }): Match {
  return {
    matchSequence: fields.sequence,
    matchN: fields.n,
    logTime: 1_760_000_000_000,
    version: 1,
    state: 'matched',
    reconciliation: 'gateway-to-bank',
    pools: ['gateway-to-bank.left', 'gateway-to-bank.right'],
    rule: 'by-reference',
    fields: ['reference', 'currency', 'amount ± 0.50'],
    account: 'default',
    currency: 'AED',
    legs: [
      { side: 'left', source: 'gateway', id: 'g', sequence: 1, ordinal: 0, allocated: 1230 },
      { side: 'right', source: 'bank', id: 'b', sequence: 1, ordinal: 1, allocated: 1220 },
    ],
    difference: 10,
    causes: { tolerance: 10 },
    lagMs: 60_000,
    ...fields,
  };
}

/** A break of one record at its own position, with everything that a test does not say. */
export function aBreak(fields: Partial<Break> & { readonly sequence: number; readonly n: number }): Break {
  return {
    breakSequence: fields.sequence,
    breakN: fields.n,
    logTime: 1_760_000_000_000,
    version: 1,
    state: 'open',
    reconciliation: 'gateway-to-bank',
    pools: ['gateway-to-bank.left', 'gateway-to-bank.right'],
    kind: 'unmatched',
    account: 'default',
    currency: 'AED',
    members: [{ side: 'left', source: 'gateway', id: 'g', sequence: 1, ordinal: 0, amount: 1230 }],
    amount: 1230,
    dueTime: 1_760_000_500_000,
    why: { rule: 'by-reference', condition: 'noCounterpart' },
    reason: '',
    ...fields,
  };
}

/** Rows of `records`, one per record, n counting from `firstN`. */
export function recordRows(place: MessagePlace, records: readonly MoneyRecord[], firstN = 0): Uint8Array {
  const builder = new RecordFrameBuilder({ maxRecords: Math.max(1, records.length), maxBytes: 1 << 26 });
  for (const record of records) {
    if (!builder.add(record)) throw new Error('too many records for one frame');
  }
  const frame = builder.build();
  const buffer = new RowBuffer();
  for (let row = 0; row < frame.count; row++) {
    writeRecordRow(
      buffer,
      place.epoch,
      place.partition,
      place.sequence,
      firstN + row,
      place.logTime,
      frame,
      row,
    );
  }
  return buffer.take();
}

export function matchRows(epoch: number, partition: number, matches: readonly Match[]): Uint8Array {
  const buffer = new RowBuffer();
  for (const match of matches) writeMatchRow(buffer, epoch, partition, match);
  return buffer.take();
}

export function breakRows(epoch: number, partition: number, breaks: readonly Break[]): Uint8Array {
  const buffer = new RowBuffer();
  for (const one of breaks) writeBreakRow(buffer, epoch, partition, one);
  return buffer.take();
}

export function findingRows(epoch: number, partition: number, findings: readonly Finding[]): Uint8Array {
  const buffer = new RowBuffer();
  for (const finding of findings) writeFindingRow(buffer, epoch, partition, finding);
  return buffer.take();
}

export function commandRows(epoch: number, partition: number, answers: readonly CommandAnswer[]): Uint8Array {
  const buffer = new RowBuffer();
  for (const answer of answers) writeCommandRow(buffer, epoch, partition, answer);
  return buffer.take();
}

export function deadLetterRows(place: MessagePlace, deadLetters: readonly DeadLetter[]): Uint8Array {
  const buffer = new RowBuffer();
  deadLetters.forEach((deadLetter, n) => {
    writeDeadLetterRow(buffer, place.epoch, place.partition, place.sequence, n, place.logTime, deadLetter);
  });
  return buffer.take();
}
