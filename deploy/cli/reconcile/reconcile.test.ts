import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reconcile } from './reconcile.ts';

const YAML = `
sources:
  gateway: { connector: csv, path: gateway.csv }
  bank:    { connector: csv, path: bank.csv }
reconciliations:
  - name: gateway-to-bank
    left:   { sources: [gateway] }
    right:  { sources: [bank] }
    window: { before: 1h, after: 3d, grace: 0s }
    rules:
      - { name: by-reference, keys: [reference, currency], tolerance: { amount: "0.50" } }
`;
const HEADER = 'id,account,reference,amount,currency,time,kind\n';

type Line = { readonly type: string } & { readonly [field: string]: unknown };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'counterfoil-reconcile-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function put(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

/** Runs the file command over two files and returns the lines of its results. */
async function results(gateway: string, bank: string, yaml = YAML): Promise<Line[]> {
  put('gateway.csv', gateway);
  put('bank.csv', bank);
  const out = join(directory, 'results.ndjson');
  await reconcile({ file: put('reconcile.yaml', yaml), out });
  const text = readFileSync(out, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

/** Rows of id, reference, amount and time, in AED. */
function csv(
  ...rows: readonly (readonly [id: string, reference: string, amount: string, time: string])[]
): string {
  return (
    HEADER +
    rows.map(([id, reference, amount, time]) => `${id},,${reference},${amount},AED,${time},\n`).join('')
  );
}

function ofType(lines: readonly Line[], type: string): Line[] {
  return lines.filter((line) => line.type === type);
}

function summary(lines: readonly Line[]): Line {
  expect(lines.at(-1)?.type).toBe('summary');
  return lines.at(-1)!;
}

describe('the file command', () => {
  it('writes matches, breaks and a summary in the documented shape', async () => {
    const lines = await results(
      csv(['g1', 'R1', '12.30', '2026-01-01T10:00:00Z'], ['g7', 'R7', '12.30', '2026-01-01T11:00:00Z']),
      csv(['b9', 'R1', '12.30', '2026-01-02T10:00:00Z']),
    );
    expect(lines).toEqual([
      {
        type: 'match',
        matchId: '0-0-3-0',
        version: 1,
        reconciliation: 'gateway-to-bank',
        rule: 'by-reference',
        fields: expect.any(Array) as string[],
        left: ['g1'],
        right: ['b9'],
        legs: [
          { side: 'left', id: 'g1', allocated: '12.30' },
          { side: 'right', id: 'b9', allocated: '12.30' },
        ],
        difference: '0.00',
        currency: 'AED',
      },
      {
        type: 'break',
        breakId: '0-0-4-0',
        version: 1,
        reconciliation: 'gateway-to-bank',
        kind: 'unmatched',
        left: ['g7'],
        right: [],
        amount: '12.30',
        currency: 'AED',
        why: { rule: 'by-reference', condition: 'noCounterpart' },
      },
      {
        type: 'summary',
        records: 3,
        matches: 1,
        breaks: { unmatched: 1 },
        duplicates: 0,
        unrouted: 0,
        findings: 0,
        deadLetters: 0,
        elapsedMs: expect.any(Number) as number,
      },
    ]);
    expect(readdirSync(directory).sort()).toEqual([
      'bank.csv',
      'gateway.csv',
      'reconcile.yaml',
      'results.ndjson',
    ]);
  });

  it('counts repeats, and takes other content under a seen id as a record of its own', async () => {
    const lines = await results(
      csv(
        ['pay_1', 'R1', '100.00', '2026-01-01T10:00:00Z'],
        ['pay_1', 'R1', '100.0', '2026-01-01T10:00:00Z'],
        ['pay_1', 'R1', '-40.00', '2026-01-01T12:00:00Z'],
      ),
      csv(['b1', 'R1', '100.00', '2026-01-01T11:00:00Z'], ['b2', 'R1', '-40.00', '2026-01-01T12:30:00Z']),
    );
    expect(ofType(lines, 'match').map((match) => match['right'])).toEqual([['b1'], ['b2']]);
    expect(ofType(lines, 'finding')).toMatchObject([{ kind: 'idReused', source: 'gateway', id: 'pay_1' }]);
    expect(summary(lines)).toMatchObject({ records: 4, duplicates: 1, findings: 1, breaks: {} });
  });

  it('refuses other content under a seen id where the source says so, naming file and line', async () => {
    const lines = await results(
      csv(['g1', 'R1', '1.00', '2026-01-01T10:00:00Z'], ['g1', 'R1', '2.00', '2026-01-01T09:00:00Z']),
      csv(),
      YAML.replace('path: gateway.csv', 'path: gateway.csv, onIdReuse: reject'),
    );
    // The row of nine o'clock comes first, whatever its line.
    expect(ofType(lines, 'deadLetter')).toMatchObject([
      { source: 'gateway', file: 'gateway.csv', line: 2, code: 'idConflict' },
    ]);
    expect(summary(lines)).toMatchObject({ records: 1, deadLetters: 1 });
  });

  it('makes dead letters of rows that are no records, with file, line and reason, and goes on', async () => {
    const lines = await results(
      csv(
        ['g1', 'R1', '1O.00', '2026-01-01T10:00:00Z'],
        ['g2', 'R1', '10.001', '2026-01-01T10:00:00Z'],
        ['g3', 'R1', '10.00', '1 January'],
        ['g4', 'R1', '10.000', '2026-01-01T10:00:00Z'],
      ),
      csv(['b1', 'R1', '10.00', '2026-01-01T10:00:00Z']),
    );
    expect(ofType(lines, 'deadLetter').map((line) => [line['file'], line['line'], line['code']])).toEqual([
      ['gateway.csv', 2, 'invalidAmount'],
      ['gateway.csv', 3, 'invalidAmount'],
      ['gateway.csv', 4, 'invalidTime'],
    ]);
    expect(ofType(lines, 'deadLetter')[0]?.['reason']).toContain('1O.00');
    expect(summary(lines)).toMatchObject({ records: 2, matches: 1, deadLetters: 3 });
  });

  it('counts records that no side selects', async () => {
    const yaml = YAML.replace(
      'reconciliations:',
      '  other: { connector: csv, path: gateway.csv }\nreconciliations:',
    );
    const lines = await results(
      csv(['g1', 'R1', '1.00', '2026-01-01T10:00:00Z']),
      csv(['b1', 'R1', '1.00', '2026-01-01T10:00:00Z']),
      yaml,
    );
    expect(summary(lines)).toMatchObject({ records: 3, matches: 1, unrouted: 1 });
  });

  it.each([
    ['the last moment after', '2026-01-04T10:00:00.000Z', 1],
    ['one millisecond later', '2026-01-04T10:00:00.001Z', 0],
    ['the first moment before', '2026-01-01T09:00:00.000Z', 1],
    ['one millisecond earlier', '2026-01-01T08:59:59.999Z', 0],
  ])('has windows with inclusive ends: %s', async (_what, time, matches) => {
    const lines = await results(
      csv(['g1', 'R1', '1.00', '2026-01-01T10:00:00Z']),
      csv(['b1', 'R1', '1.00', time]),
    );
    expect(summary(lines)).toMatchObject({ matches, breaks: matches === 1 ? {} : { unmatched: 2 } });
  });

  it('compares local dates where a record has no time of day', async () => {
    const yaml = YAML.replace('path: bank.csv', 'path: bank.csv, zone: Asia/Dubai');
    // 23:30 in Dubai on the first; three days after is the fourth.
    const lines = await results(
      csv(
        ['g1', 'R1', '1.00', '2026-01-01T23:30:00+04:00'],
        ['g2', 'R2', '1.00', '2026-01-01T23:30:00+04:00'],
      ),
      csv(['b1', 'R1', '1.00', '2026-01-04'], ['b2', 'R2', '1.00', '2026-01-05']),
      yaml,
    );
    expect(ofType(lines, 'match').map((match) => match['left'])).toEqual([['g1']]);
  });

  it('rounds a tolerance down to the minor unit', async () => {
    const yaml = YAML.replace('"0.50"', '"0.509"');
    const lines = await results(
      csv(['g1', 'R1', '10.00', '2026-01-01T10:00:00Z'], ['g2', 'R2', '10.00', '2026-01-01T10:00:00Z']),
      csv(['b1', 'R1', '9.50', '2026-01-01T10:00:00Z'], ['b2', 'R2', '9.49', '2026-01-01T10:00:00Z']),
      yaml,
    );
    expect(ofType(lines, 'match')).toMatchObject([{ left: ['g1'], difference: '0.50' }]);
    expect(ofType(lines, 'break')).toMatchObject([
      {
        kind: 'amount',
        left: ['g2'],
        right: ['b2'],
        amount: '0.51',
        why: { rule: 'by-reference', condition: 'amount', difference: '0.51', tolerance: '0.50' },
      },
    ]);
  });

  it('prints the last version of a break, and none that healed', async () => {
    const late = YAML.replace('after: 3d', 'after: 1h').replace('before: 1h', 'before: 2h');
    const lines = await results(
      csv(
        ['g1', 'R1', '10.00', '2026-01-01T10:00:00Z'],
        ['g2', 'R2', '10.00', '2026-01-01T10:00:00Z'],
        ['g9', 'R9', '5.00', '2026-01-03T10:00:00Z'],
      ),
      csv(['b1', 'R1', '20.00', '2026-01-01T10:30:00Z'], ['b9', 'R9', '5.00', '2026-01-03T10:00:00Z']),
      late,
    );
    const ids = ofType(lines, 'break').map((line) => line['breakId']);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ofType(lines, 'break')).toHaveLength(2);
    expect(summary(lines)['breaks']).toEqual({ amount: 1, unmatched: 1 });
  });

  it('never matches across accounts, and takes an empty account as the default one', async () => {
    const row = (id: string, account: string): string =>
      `${id},${account},R1,1.00,AED,2026-01-01T10:00:00Z,\n`;
    const lines = await results(
      HEADER + row('g1', 'a') + row('g2', ''),
      HEADER + row('b1', 'b') + row('b2', 'default'),
    );
    expect(ofType(lines, 'match')).toMatchObject([{ left: ['g2'], right: ['b2'] }]);
    expect(summary(lines)).toMatchObject({ breaks: { unmatched: 2 } });
  });

  it('reads a byte order mark, quoted fields, semicolons, other headers, and files without any', async () => {
    const yaml = YAML.replace(
      'path: gateway.csv',
      'path: gateway.csv, columns: { id: "Txn; ID", amount: Gross, reference: Order, time: Created }, currency: AED',
    ).replace(
      'path: bank.csv',
      'path: bank.csv, header: false, columns: [id, time, reference, amount, currency]',
    );
    const lines = await results(
      '\uFEFF"Txn; ID";Order;Gross;Created\r\n"g ""1""";R1;12.30;1767261600000\r\n',
      'b1,2026-01-01T10:00:00Z,R1,12.30,AED',
      yaml,
    );
    expect(ofType(lines, 'match')).toMatchObject([{ left: ['g "1"'], right: ['b1'] }]);
  });

  it('does nothing with empty files, and says so', async () => {
    const lines = await results('', HEADER);
    expect(lines).toHaveLength(1);
    expect(summary(lines)).toMatchObject({ records: 0, matches: 0, breaks: {} });
  });

  it('names a record without an id by its file and line', async () => {
    const header = 'reference,amount,currency,time\n';
    const row = 'R1,1.00,AED,2026-01-01T10:00:00Z\n';
    const lines = await results(header + row + row, HEADER);
    expect(summary(lines)).toMatchObject({ records: 2, duplicates: 0 });
    expect(ofType(lines, 'break').map((line) => line['left'])).toEqual([
      ['gateway.csv:2'],
      ['gateway.csv:3'],
    ]);
  });

  it('takes records of one time in the order of the sources, then of the lines', async () => {
    const at = '2026-01-01T10:00:00Z';
    const lines = await results(
      csv(['g1', 'R1', '1.00', at], ['g2', 'R1', '1.00', at]),
      csv(['b1', 'R1', '1.00', at], ['b2', 'R1', '1.00', at]),
    );
    expect(ofType(lines, 'match').map((match) => [match['matchId'], match['left'], match['right']])).toEqual([
      ['0-0-3-0', ['g1'], ['b1']],
      ['0-0-4-0', ['g2'], ['b2']],
    ]);
  });
});

describe('what stops the file command', () => {
  async function failure(yaml: string, out?: string): Promise<string> {
    put('gateway.csv', HEADER);
    put('bank.csv', HEADER);
    const file = put('reconcile.yaml', yaml);
    return reconcile({ file, out: out === undefined ? undefined : join(directory, out) }).then(
      () => {
        throw new Error('it ran');
      },
      (error: unknown) => (error as Error).message,
    );
  }

  it.each([
    [
      'a missing file',
      YAML.replace('bank.csv', 'none.csv'),
      /^source "bank": none\.csv: there is no such file; check the source's path \(looked in \/.*\)$/,
    ],
    [
      'a pattern that fits nothing',
      YAML.replace('bank.csv', '"in-*.csv"'),
      /^source "bank": in-\*\.csv: no file is there; check the source's path/,
    ],
    ['no reconciliation', 'sources: {}', /reconciliations: is missing/],
    [
      'a source without files',
      YAML.replace('csv, path: bank.csv', 'http-json'),
      /^source "bank": the connector http-json reads no files/,
    ],
    [
      'columns that are not there',
      YAML.replace('path: bank.csv', 'path: bank.csv, columns: { amount: Gross }'),
      /^bank\.csv: .*"Gross"/,
    ],
  ])('is %s', async (_what, yaml, expected) => {
    const message = await failure(yaml);
    expect(message).toMatch(expected);
    expect(message).not.toContain('\n');
  });

  it('is an output that is an input, or that cannot be written; nothing is left behind', async () => {
    expect(await failure(YAML, 'bank.csv')).toContain('is a file that is read');
    expect(await failure(YAML, 'none/out.ndjson')).toContain(
      'cannot be written (ENOENT); its folder does not exist',
    );
    expect(readdirSync(directory).sort()).toEqual(['bank.csv', 'gateway.csv', 'reconcile.yaml']);
  });
});
