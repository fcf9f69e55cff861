export { decodeFrame } from './decode-frame.ts';
export { decodeRows } from './decode-rows.ts';
export { encodeFrame } from './encode-frame.ts';
export { RecordFrameBuilder } from './frame-builder.ts';
export { FrameColumns } from './frame-columns.ts';
export { gatherRecords } from './gather.ts';
export { DEFAULT_MAX_BYTES, DEFAULT_MAX_RECORDS } from './limits.ts';
export { partitionOf } from './partition.ts';
export { dictionaryAt, readRecord, setOwn, stringAt } from './read-record.ts';
export { isRefusedWhole, readRefused, refusedPayload } from './refused-record.ts';
export { decodeResultFrame, encodeResultFrame } from './result-frame.ts';
export { RowBuffer } from './row-buffer.ts';
export { readUtf8 } from './utf8.ts';
export { writeRecordRow } from './write-record-row.ts';
export { writeMatchRow } from './write-match-row.ts';
export {
  writeBalanceRow,
  writeBreakRow,
  writeCommandRow,
  writeDeadLetterRow,
  writeFindingRow,
  writeRulesRow,
} from './write-result-rows.ts';
