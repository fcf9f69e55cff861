import {
  RowBuffer,
  readRecord,
  refusedPayload,
  writeBalanceRow,
  writeBreakRow,
  writeCommandRow,
  writeDeadLetterRow,
  writeFindingRow,
  writeMatchRow,
  writeRecordRow,
  writeRulesRow,
} from '../codec/index.ts';
import {
  MAX_DEAD_LETTER_BYTES,
  TABLE_NAMES,
  type Break,
  type CommandAnswer,
  type DeadLetter,
  type Finding,
  type Match,
  type RecordFrame,
  type ReportedBalance,
  type StoredPositions,
  type TableName,
} from '../domain/index.ts';
import type { ResultSink } from '../matching/index.ts';
import type { RowBlock } from './protocol.ts';
import { ReplayFilter } from './replay-filter.ts';

/** Turns the kernel's results into rows for ClickHouse, in the worker thread: on the main thread it stalls the loop. */
export class RowSink implements ResultSink {
  readonly #epoch: number;
  readonly #partition: number;
  readonly #buffers = new Map<TableName, { buffer: RowBuffer; rows: number }>();
  readonly #filters = new Map<TableName, ReplayFilter>();
  #sequence = 0;
  #logTime = 0;
  /** Since the last {@link take}. */
  counts: { accepted: number; duplicates: number; matches: number; breaks: number; deadLetters: number } =
    noCounts();

  constructor(epoch: number, partition: number) {
    this.#epoch = epoch;
    this.#partition = partition;
    for (const table of TABLE_NAMES) this.#buffers.set(table, { buffer: new RowBuffer(), rows: 0 });
  }

  /** Rows at these positions are stored already and are not written again. */
  skip(stored: { readonly [table in TableName]: StoredPositions }): void {
    for (const table of TABLE_NAMES) {
      if (stored[table].sequence.length > 0) this.#filters.set(table, new ReplayFilter(stored[table]));
      else this.#filters.delete(table);
    }
  }

  /** The message that the next results belong to. */
  at(sequence: number, logTime: number): void {
    this.#sequence = sequence;
    this.#logTime = logTime;
  }

  accepted(frame: RecordFrame, row: number): void {
    this.counts.accepted++;
    const buffer = this.#row('records', this.#sequence, row);
    if (buffer)
      writeRecordRow(buffer, this.#epoch, this.#partition, this.#sequence, row, this.#logTime, frame, row);
  }

  duplicate(): void {
    this.counts.duplicates++;
  }

  refused(frame: RecordFrame, row: number, n: number, code: string, reason: string): void {
    const record = readRecord(frame, row);
    this.deadLetter(n, {
      source: record.source,
      code,
      reason,
      origin: { offset: this.#sequence, ordinal: row },
      payload: refusedPayload(record),
    });
  }

  match(match: Match): void {
    this.counts.matches++;
    const buffer = this.#row('matches', match.sequence, match.n);
    if (buffer) writeMatchRow(buffer, this.#epoch, this.#partition, match);
  }

  break(version: Break): void {
    this.counts.breaks++;
    const buffer = this.#row('breaks', version.sequence, version.n);
    if (buffer) writeBreakRow(buffer, this.#epoch, this.#partition, version);
  }

  finding(finding: Finding): void {
    const buffer = this.#row('findings', finding.sequence, finding.n);
    if (buffer) writeFindingRow(buffer, this.#epoch, this.#partition, finding);
  }

  answer(answer: CommandAnswer): void {
    const buffer = this.#row('commands', answer.sequence, answer.n);
    if (buffer) writeCommandRow(buffer, this.#epoch, this.#partition, answer);
  }

  /** The message at hand states balances. */
  balance(balance: ReportedBalance): void {
    const buffer = this.#row('balances', this.#sequence, 0);
    if (buffer) writeBalanceRow(buffer, this.#epoch, this.#partition, this.#sequence, this.#logTime, balance);
  }

  /** Other rules are in force from the message at hand on. */
  rules(rules: { readonly hash: string; readonly json: string }): void {
    const buffer = this.#row('rules', this.#sequence, 0);
    if (buffer) writeRulesRow(buffer, this.#epoch, this.#partition, this.#sequence, this.#logTime, rules);
  }

  /** A dead letter as result `n` of the message at hand. */
  deadLetter(n: number, letter: DeadLetter): void {
    this.counts.deadLetters++;
    const buffer = this.#row('dead_letters', this.#sequence, n);
    if (!buffer) return;
    const payload = letter.payload.slice(0, MAX_DEAD_LETTER_BYTES);
    writeDeadLetterRow(buffer, this.#epoch, this.#partition, this.#sequence, n, this.#logTime, {
      ...letter,
      payload,
    });
  }

  /** Hands over the rows written since the last call; their buffers may be transferred. */
  take(): RowBlock[] {
    const blocks: RowBlock[] = [];
    for (const [table, slot] of this.#buffers) {
      if (slot.rows === 0) continue;
      blocks.push({ table, rows: slot.rows, bytes: slot.buffer.take() });
      slot.rows = 0;
    }
    this.counts = noCounts();
    return blocks;
  }

  #row(table: TableName, sequence: number, n: number): RowBuffer | undefined {
    if (this.#filters.size > 0 && this.#filters.get(table)?.has(sequence, n)) return undefined;
    const slot = this.#buffers.get(table)!;
    slot.rows++;
    return slot.buffer;
  }
}

function noCounts(): RowSink['counts'] {
  return { accepted: 0, duplicates: 0, matches: 0, breaks: 0, deadLetters: 0 };
}
