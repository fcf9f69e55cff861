import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TABLES, formatDay, netOf } from '../domain/index.ts';
import type { Break, CommandAnswer, DeadLetter, Finding, Match, MoneyRecord } from '../domain/index.ts';
import { HOSTILE_TEXTS, recordArbitrary } from '../testing/record-arbitrary.ts';
import {
  RecordFrameBuilder,
  RowBuffer,
  decodeResultFrame,
  decodeRows,
  encodeResultFrame,
  writeBreakRow,
  writeCommandRow,
  writeDeadLetterRow,
  writeFindingRow,
  writeMatchRow,
  writeRecordRow,
} from './index.ts';
import { MAX_DAY_STORED, MAX_TIME_STORED, MIN_DAY_STORED, MIN_TIME_STORED } from './row-limits.ts';

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function storedDay(day: number | undefined): string | null {
  return day === undefined ? null : formatDay(clamp(day, MIN_DAY_STORED, MAX_DAY_STORED));
}

function storedTime(time: number): number {
  return clamp(time, MIN_TIME_STORED, MAX_TIME_STORED);
}

function rowOf(record: MoneyRecord, n: number): { [column: string]: unknown } {
  return {
    epoch: 1,
    partition: 15,
    sequence: 9_007_199_254_740_991,
    n,
    log_time: 1_795_000_000_123,
    source: record.source,
    id: record.id,
    version: record.version ?? 0,
    account: record.account,
    kind: record.kind,
    status: record.status,
    currency: record.currency,
    exponent: { AED: 2, USD: 2, KWD: 3, JPY: 0, CLF: 4 }[record.currency],
    amount: Number(record.amount),
    fee: Number(record.fee),
    tax: Number(record.tax),
    net: Number(netOf(record)),
    time: storedTime(record.time),
    precision: record.precision,
    offset_minutes: record.offsetMinutes,
    booking_date: storedDay(record.bookingDate),
    value_date: storedDay(record.valueDate),
    available_on: storedDay(record.availableOn),
    references: record.references,
    attributes: record.attributes,
    link: record.link ?? '',
    original_amount: record.original === undefined ? null : Number(record.original.amount),
    original_currency: record.original?.currency ?? '',
    group_count: record.groupCount ?? null,
    group_total: record.groupTotal === undefined ? null : Number(record.groupTotal),
  };
}

const MATCH: Match = {
  sequence: 12,
  n: 3,
  logTime: 1_795_000_000_999,
  matchSequence: 12,
  matchN: 1,
  version: 2,
  reconciliation: "o'clock",
  pools: ["l'eft\t", 'right\\'],
  state: 'unmatched',
  rule: 'by-reference',
  fields: ["left references.o'rder = right attributes.x /\\d+/", 'amount ± 0.50'],
  rate: '3.6725',
  leftCurrency: 'USD',
  account: 'a\nb',
  currency: 'KWD',
  legs: [
    { side: 'left', source: "g'w", id: "'],['", sequence: 4, ordinal: 0, allocated: -1_000_000_000_000 },
    { side: 'right', source: 'bank\t', id: '\\\0🧾', sequence: 5, ordinal: 511, allocated: 9 },
  ],
  difference: -50,
  causes: { tolerance: -50, fee: 0 },
  lagMs: 86_400_000_000,
};

const BREAK: Break = {
  sequence: 13,
  n: 0,
  logTime: 0,
  breakSequence: 7,
  breakN: 2,
  version: 1,
  state: 'open',
  reconciliation: 'r',
  pools: ['', "'"],
  kind: 'unmatched',
  account: 'default',
  currency: 'JPY',
  members: [{ side: 'left', source: 'gateway', id: '', sequence: 4, ordinal: 0, amount: 5 }],
  amount: 5,
  dueTime: -1,
  why: { rule: 'by-reference', condition: 'noCounterpart' },
  reason: '',
};

const FINDING: Finding = {
  sequence: 1,
  n: 0,
  logTime: 5,
  kind: 'idReused',
  source: 'bank',
  recordId: 'b\t1',
  account: '',
  currency: '',
  amount: -7,
  message: 'line one\nline two',
};

const ANSWER: CommandAnswer = {
  sequence: 20,
  n: 0,
  logTime: 6,
  commandId: 'c-1',
  kind: 'writeOff',
  accepted: true,
  reason: 'wrote off 1 record',
  by: "o'brien",
  why: 'line one\nline two',
};

const DEAD_LETTER: DeadLetter = {
  source: 'bank',
  code: 'malformedRow',
  reason: "row 17 isn't one",
  origin: { file: 'C:\\new\\table.csv', line: 17, offset: 123_456_789_012, ordinal: 2 },
  payload: `${HOSTILE_TEXTS.join('|')}${'é'.repeat(30_000)}`,
};

function written(write: (buffer: RowBuffer) => void): Uint8Array {
  const buffer = new RowBuffer(1);
  write(buffer);
  return buffer.take();
}

describe('rows read back as they were written', () => {
  test('records, each in the columns of its table', () => {
    fc.assert(
      fc.property(fc.array(recordArbitrary, { maxLength: 8 }), (records) => {
        const builder = new RecordFrameBuilder();
        for (const record of records) builder.add(record);
        const frame = builder.build();
        const block = written((buffer) => {
          for (let n = 0; n < frame.count; n++) {
            writeRecordRow(buffer, 1, 15, 9_007_199_254_740_991, n, 1_795_000_000_123, frame, n);
          }
          expect(buffer.rows).toBe(frame.count);
        });
        const rows = decodeRows('records', block);
        expect(rows).toEqual(records.map(rowOf));
        for (const row of rows) expect(Object.keys(row)).toEqual(TABLES.records.map(([name]) => name));
      }),
      { numRuns: 300 },
    );
  });

  test('a match', () => {
    expect(
      decodeRows(
        'matches',
        written((buffer) => writeMatchRow(buffer, 2, 3, MATCH)),
      ),
    ).toEqual([
      {
        epoch: 2,
        partition: 3,
        sequence: 12,
        n: 3,
        log_time: 1_795_000_000_999,
        match_id: '2-3-12-1',
        version: 2,
        reconciliation: "o'clock",
        pools: ["l'eft\t", 'right\\'],
        state: 'unmatched',
        rule: 'by-reference',
        fields: ["left references.o'rder = right attributes.x /\\d+/", 'amount ± 0.50'],
        account: 'a\nb',
        currency: 'KWD',
        exponent: 3,
        left_currency: 'USD',
        difference: -50,
        causes: { tolerance: -50, fee: 0 },
        rate: '3.6725',
        lag_ms: 86_400_000_000,
        leg_side: ['left', 'right'],
        leg_source: ["g'w", 'bank\t'],
        leg_id: ["'],['", '\\\0🧾'],
        leg_sequence: [4, 5],
        leg_ordinal: [0, 511],
        leg_allocated: [-1_000_000_000_000, 9],
      },
    ]);
  });

  test('an open break and a resolved one', () => {
    const resolved: Break = {
      ...BREAK,
      state: 'resolved',
      kind: 'amount',
      leftCurrency: 'KWD',
      why: {
        rule: BREAK.why.rule,
        condition: 'window',
        difference: -12,
        tolerance: 0,
        timeDifference: 86_400_000,
        records: [
          { source: "b'k", id: 'b1', sequence: 9, ordinal: 0 },
          { source: 'bank', id: "'b\t2", sequence: 10, ordinal: 0 },
        ],
        match: { sequence: 11, n: 4 },
      },
      reason: "the bank's typo",
      resolvedBy: { sequence: 14, n: 1 },
    };
    const block = written((buffer) => {
      writeBreakRow(buffer, 2, 3, BREAK);
      writeBreakRow(buffer, 2, 3, resolved);
    });
    const open = {
      epoch: 2,
      partition: 3,
      sequence: 13,
      n: 0,
      log_time: 0,
      break_id: '2-3-7-2',
      version: 1,
      state: 'open',
      reconciliation: 'r',
      pools: ['', "'"],
      kind: 'unmatched',
      account: 'default',
      currency: 'JPY',
      exponent: 0,
      left_currency: '',
      amount: 5,
      due_time: -1,
      member_side: ['left'],
      member_source: ['gateway'],
      member_id: [''],
      member_sequence: [4],
      member_ordinal: [0],
      member_amount: [5],
      why_rule: 'by-reference',
      why_condition: 'noCounterpart',
      why_difference: null,
      why_tolerance: null,
      why_time_difference: null,
      why_source: [],
      why_id: [],
      why_match: '',
      reason: '',
      resolved_by: '',
    };
    expect(decodeRows('breaks', block)).toEqual([
      open,
      {
        ...open,
        state: 'resolved',
        kind: 'amount',
        left_currency: 'KWD',
        why_condition: 'window',
        why_difference: -12,
        why_tolerance: 0,
        why_time_difference: 86_400_000,
        why_source: ["b'k", 'bank'],
        why_id: ['b1', "'b\t2"],
        why_match: '2-3-11-4',
        reason: "the bank's typo",
        resolved_by: '2-3-14-1',
      },
    ]);
  });

  test('a finding', () => {
    expect(
      decodeRows(
        'findings',
        written((buffer) => writeFindingRow(buffer, 1, 0, FINDING)),
      ),
    ).toEqual([
      {
        epoch: 1,
        partition: 0,
        sequence: 1,
        n: 0,
        log_time: 5,
        kind: 'idReused',
        source: 'bank',
        record_id: 'b\t1',
        account: '',
        currency: '',
        amount: -7,
        message: 'line one\nline two',
      },
    ]);
  });

  test('the answers to commands', () => {
    const block = written((buffer) => {
      writeCommandRow(buffer, 1, 4, ANSWER);
      writeCommandRow(buffer, 1, 4, { ...ANSWER, accepted: false });
    });
    const row = {
      epoch: 1,
      partition: 4,
      sequence: 20,
      n: 0,
      log_time: 6,
      command_id: 'c-1',
      kind: 'writeOff',
      accepted: 1,
      reason: 'wrote off 1 record',
      by: "o'brien",
      why: 'line one\nline two',
    };
    expect(decodeRows('commands', block)).toEqual([row, { ...row, accepted: 0 }]);
  });

  test('dead letters, with and without a file', () => {
    const bare: DeadLetter = { ...DEAD_LETTER, origin: { offset: NaN, ordinal: -1 }, payload: '' };
    const block = written((buffer) => {
      writeDeadLetterRow(buffer, 1, 65_535, 8, 0, 5, DEAD_LETTER);
      writeDeadLetterRow(buffer, 1, 65_535, 8, 1, 5, bare);
    });
    const row = {
      epoch: 1,
      partition: 65_535,
      sequence: 8,
      n: 0,
      log_time: 5,
      source: 'bank',
      code: 'malformedRow',
      reason: "row 17 isn't one",
      file: 'C:\\new\\table.csv',
      line: 17,
      offset: 123_456_789_012,
      ordinal: 2,
      payload: DEAD_LETTER.payload,
    };
    expect(decodeRows('dead_letters', block)).toEqual([
      row,
      { ...row, n: 1, file: '', line: 0, offset: 0, ordinal: 0, payload: '' },
    ]);
  });
});

describe('the row buffer', () => {
  const textOf = (write: (buffer: RowBuffer) => void): string => Buffer.from(written(write)).toString();

  test('writes every integer that a double holds exactly', () => {
    const integer = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -20, max: 20 }));
    fc.assert(
      fc.property(integer, (value) => {
        expect(textOf((buffer) => buffer.integer(value))).toBe(value.toString());
      }),
      {
        numRuns: 2000,
        examples: [9, 10, 99, 100, 1e9 - 1, 1e9, 1e9 + 1, 1e15, 2 ** 31, 2 ** 32, 2 ** 53 - 1, -0].map(
          (value) => [value],
        ),
      },
    );
  });

  test.each([NaN, Infinity, -Infinity, 0.5, -1.5, 2 ** 53, 1e300, 1e9 + 0.5])('refuses %d', (value) => {
    expect(() => new RowBuffer().integer(value)).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  test('writes times and dates as Date does, within what the tables hold', () => {
    const time = fc.integer({ min: MIN_TIME_STORED, max: MAX_TIME_STORED });
    fc.assert(
      fc.property(time, (value) => {
        const iso = new Date(value).toISOString();
        expect(textOf((buffer) => buffer.time(value))).toBe(iso.replace('T', ' ').slice(0, -1));
        expect(textOf((buffer) => buffer.date(Math.floor(value / 86_400_000)))).toBe(iso.slice(0, 10));
      }),
      { numRuns: 3000, examples: [[MIN_TIME_STORED], [MAX_TIME_STORED], [0], [-1], [951_782_400_000]] },
    );
  });

  test('moves times beyond the tables to their ends', () => {
    expect(textOf((buffer) => buffer.time(-8.64e15))).toBe('1900-01-01 00:00:00.000');
    expect(textOf((buffer) => buffer.time(8.64e15))).toBe('2299-12-31 23:59:59.999');
    expect(textOf((buffer) => buffer.date(-719_528))).toBe('1900-01-01');
    expect(textOf((buffer) => buffer.date(2_932_896))).toBe('2299-12-31');
  });

  test('escapes what would end a value or a row', () => {
    const hostile = "\0\b\t\n\f\r'\\ok";
    const escaped = "\\0\\b\\t\\n\\f\\r\\'\\\\ok";
    expect(textOf((buffer) => buffer.text(hostile))).toBe(escaped);
    expect(textOf((buffer) => buffer.quoted(hostile))).toBe(`'${escaped}'`);
    expect(textOf((buffer) => buffer.text('a\uD800'))).toBe('a\uFFFD');
  });

  test('gives its rows away in memory of their own and starts again', () => {
    const buffer = new RowBuffer();
    writeFindingRow(buffer, 1, 0, FINDING);
    const first = buffer.take();
    expect(first.buffer.byteLength).toBe(first.length);
    expect([buffer.length, buffer.rows]).toEqual([0, 0]);
    writeFindingRow(buffer, 9, 9, FINDING);
    expect(decodeRows('findings', first)[0]).toMatchObject({ epoch: 1 });
    expect(decodeRows('findings', buffer.take())).toHaveLength(1);
  });
});

describe('reading rows', () => {
  test('refuses what is no row of the table, and says where', () => {
    const good = written((buffer) => writeMatchRow(buffer, 2, 3, MATCH));
    let refused = 0;
    for (let length = 1; length < good.length; length++) {
      try {
        decodeRows('matches', good.subarray(0, length));
      } catch (error) {
        expect(error).toMatchObject({ code: 'undecodableFrame' });
        refused++;
      }
    }
    expect(refused).toBe(good.length - 1);
    expect(() => decodeRows('findings', Buffer.from('x'))).toThrow(
      'rows cannot be read: at character 0 stands "x", not an integer within ±(2^53 − 1)',
    );
  });
});

test('a result frame gives back its blocks', () => {
  const frame = {
    matches: written((buffer) => writeMatchRow(buffer, 2, 3, MATCH)),
    breaks: new Uint8Array(0),
    findings: written((buffer) => writeFindingRow(buffer, 1, 0, FINDING)),
    commands: written((buffer) => writeCommandRow(buffer, 1, 0, ANSWER)),
  };
  expect(decodeResultFrame(encodeResultFrame(frame))).toEqual(frame);
});
