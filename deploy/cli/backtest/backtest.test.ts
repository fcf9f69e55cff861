import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backtest } from './backtest.ts';

const YAML = `
sources:
  gateway: { connector: csv, path: gateway.csv }
  bank:    { connector: csv, path: bank.csv }
reconciliations:
  - name: gateway-to-bank
    left:   { sources: [gateway] }
    right:  { sources: [bank] }
    window: { after: 3d }
    rules:
      - { name: by-reference, keys: [reference] }
`;
const LOOSER = YAML.replace('keys: [reference] }', 'keys: [reference], tolerance: { amount: "0.50" } }');
const HEADER = 'id,reference,amount,currency,time\n';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'counterfoil-backtest-'));
  put(
    'gateway.csv',
    HEADER +
      'g1,R1,10.00,AED,2026-11-01T10:00:00Z\n' +
      'g2,R2,20.00,AED,2026-11-01T10:00:00Z\n' +
      'g3,R3,30.00,AED,2026-11-01T10:00:00Z\n',
  );
  put(
    'bank.csv',
    HEADER +
      'b1,R1,10.00,AED,2026-11-02T10:00:00Z\n' +
      'b2,R2,19.60,AED,2026-11-02T10:00:00Z\n' +
      'b3,R3,30.00,AED,2026-11-02T10:00:00Z\n',
  );
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

function put(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

/** Runs it and returns what it printed, the report, and the lines of differences. */
async function run(old: string, fresh: string, json = true) {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const out = join(directory, 'differences.ndjson');
  const report = await backtest({ rules: put('new.yaml', fresh), files: put('old.yaml', old), out, json });
  const lines = readFileSync(out, 'utf8').split('\n').slice(0, -1);
  return { printed, report, lines: lines.map((line) => JSON.parse(line) as { readonly type: string }) };
}

describe('a backtest over files', () => {
  it('finds nothing between equal rules', async () => {
    const { printed, report, lines } = await run(YAML, YAML, false);
    expect(lines).toEqual([]);
    expect(report.lost).toBe(0);
    expect(printed).toContain('no difference, 6 records');
  });

  it('tells what new rules gain, and in money', async () => {
    const { printed, lines } = await run(YAML, LOOSER);
    expect(JSON.parse(printed)).toMatchObject({
      records: 6,
      reconciliations: [
        {
          reconciliation: 'gateway-to-bank',
          currency: 'AED',
          matches: { same: 2, gained: 1, lost: 0, changed: 0 },
          matchAmounts: { gained: '19.60', lost: '0.00' },
          breaks: { same: 0, gained: 0, lost: 1 },
          breakAmounts: { gained: '0.00', lost: '0.40' },
        },
      ],
    });
    expect(lines).toMatchObject([
      {
        type: 'matchGained',
        left: [{ source: 'gateway', id: 'g2' }],
        right: [{ source: 'bank', id: 'b2' }],
        difference: '0.40',
      },
      { type: 'breakLost', kind: 'amount' },
    ]);
  });

  it('tells what they lose', async () => {
    const { printed, report, lines } = await run(LOOSER, YAML, false);
    expect(report.lost).toBe(1);
    expect(printed).toContain('1 match lost');
    expect(lines.map(({ type }) => type)).toEqual(['matchLost', 'breakGained']);
  });

  it('says whether the new rules do what people did, and what they undid', async () => {
    const commands = `
commands:
  - { at: 2026-11-02T11:00:00Z, by: amal, why: close enough, kind: adjust, reconciliation: gateway-to-bank, left: [g2], right: [b2] }
  - { at: 2026-11-02T11:00:00Z, by: amal, why: not this one, kind: unmatch, reconciliation: gateway-to-bank, left: [g3], right: [b3] }
`;
    const { report, lines } = await run(YAML + commands, LOOSER);
    expect(report.people).toEqual({
      matched: { total: 1, byOld: 0, byNew: 1 },
      unmatched: { total: 1, byOld: 1, byNew: 1 },
    });
    expect(lines.filter(({ type }) => type === 'command')).toMatchObject([
      { commandId: 'command-1', kind: 'adjust', byOld: false, byNew: true },
      { commandId: 'command-2', kind: 'unmatch', byOld: true, byNew: true },
    ]);
    // People's work is judged apart: neither run has it.
    expect(report.lost).toBe(0);
  });

  it.each([
    ['neither files nor log', { files: undefined }, /name one of them/],
    ['both', { config: 'x' }, /name one of them/],
    ['no rules', { rules: 'no-rules.yaml' }, /reconciliations: is missing/],
    ['an output that is an input', { out: 'old.yaml' }, /is a file that is read/],
    ['a missing file', { rules: 'none.yaml' }, /there is no such file/],
  ])('is refused with one line: %s', async (_what, over, message) => {
    put('no-rules.yaml', YAML.replace(/reconciliations:[^]*/, ''));
    put('old.yaml', YAML);
    put('new.yaml', YAML);
    const options = { rules: 'new.yaml', files: 'old.yaml', json: false, ...over };
    const paths = Object.fromEntries(
      Object.entries(options).map(([key, value]) => [
        key,
        typeof value === 'string' ? join(directory, value) : value,
      ]),
    ) as unknown as typeof options;
    const error = await backtest(paths).then(
      () => new Error('it ran'),
      (failure: unknown) => failure as Error,
    );
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
    expect(readdirSync(directory).filter((name) => name.includes('partial'))).toEqual([]);
  });
});
