import { createHash } from 'node:crypto';
import { RecordFrameBuilder } from '../codec/index.ts';
import type { LogMessage, MoneyRecord, RecordFrame, RuleSet } from '../domain/index.ts';

/** Used again for every frame: to make one costs as much as to fill it with a few records. */
const builder = new RecordFrameBuilder({ maxRecords: 65_535, maxBytes: 64 * 1024 * 1024 });

/** A frame of these records. @throws Error if they do not fit into one */
export function frameOf(records: readonly MoneyRecord[]): RecordFrame {
  builder.reset();
  for (const record of records) {
    if (!builder.add(record)) throw new Error(`${records.length} records do not fit into one frame`);
  }
  return builder.build();
}

export function recordsMessage(
  sequence: number,
  logTime: number,
  records: readonly MoneyRecord[],
): LogMessage {
  return { sequence, logTime, frame: frameOf(records) };
}

export function rulesMessage(sequence: number, logTime: number, rules: RuleSet): LogMessage {
  const json = JSON.stringify(rules);
  return { sequence, logTime, frame: { kind: 'rules', json, hash: hashOf(json) } };
}

export function progressMessage(
  sequence: number,
  logTime: number,
  source: string,
  time?: number,
): LogMessage {
  return { sequence, logTime, frame: { kind: 'progress', source, time } };
}

export function tickMessage(sequence: number, logTime: number): LogMessage {
  return { sequence, logTime, frame: { kind: 'tick' } };
}

function hashOf(json: string): string {
  return createHash('sha256').update(json).digest('hex');
}
