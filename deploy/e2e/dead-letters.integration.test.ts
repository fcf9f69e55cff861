import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from './command-line.ts';
import type { Outcome } from './command-line.ts';
import { eventually, listAll } from './rest.ts';
import { startUp } from './up-process.ts';
import type { UpProcess } from './up-process.ts';

/** What could not become a record, found, mended and read again by the command line; each test goes on from the last. */

const CONFIG = {
  partitions: 2,
  sources: {
    shop: { connector: 'http-json', account: 'store' },
    bank: { connector: 'csv', path: 'bank/*.csv', account: 'store', kind: 'bank' },
  },
  reconciliations: [
    {
      name: 'shop-to-bank',
      left: { sources: ['shop'] },
      right: { sources: ['bank'] },
      window: { before: '1d', after: '1d' },
      rules: [{ name: 'by-reference', keys: ['reference'] }],
    },
  ],
};
const BANK = `id,reference,amount,currency,time
b1,A,10.00,AED,2026-11-22
b2,B,"20,00",AED,2026-11-22
b3,C,thirty,AED,2026-11-22
`;

interface DeadLetter {
  readonly position: string;
  readonly source: string;
  readonly line?: number;
  readonly state: string;
}

let directory: string;
let up: UpProcess;
const run = (...args: string[]): Promise<Outcome> =>
  runCommand(['dead-letters', ...args], { directory, url: up.apiUrl });
const letters = (): Promise<DeadLetter[]> => listAll<DeadLetter>(up.apiUrl, '/v1/dead-letters');
const bankFile = (): string => join(directory, 'bank', 'bank.csv');

beforeAll(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'counterfoil-letters-')));
  up = await startUp(directory, CONFIG);
  mkdirSync(join(directory, 'bank'), { recursive: true });
  writeFileSync(bankFile(), BANK);
  const answer = await fetch(`${up.apiUrl}/v1/records`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      source: 'shop',
      records: ['10.00', '20.00', '30,00'].map((amount, i) => ({
        ...{ id: `s${i + 1}`, reference: 'ABC'[i], amount, currency: 'AED' },
        time: '2026-11-22T10:00:00Z',
      })),
    }),
  });
  expect(await answer.json()).toMatchObject({ accepted: 2 });
  await eventually(letters, (found) => found.length === 3, 30_000);
});

afterAll(async () => {
  await up.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
});

test('they are listed and shown, with what was read and why it is no record', async () => {
  const { code, out } = await run('list');
  expect(code).toBe(0);
  expect(out).toMatch(/^1-\d+-\d+-\d+ {2}shop +invalidAmount +amount "30,00" is not/m);
  expect(out).toMatch(/^1-\d+-\d+-\d+ {2}bank {2}bank\/bank\.csv:3 {2}invalidAmount {2}amount "20,00"/m);
  const [shop] = (await letters()).filter(({ source }) => source === 'shop');
  const shown = await run('show', shop!.position);
  expect(shown.out).toContain('reason   invalidAmount: amount "30,00"');
  expect(shown.out).toContain('"id":"s3"');
  expect((await run('show', '1-1-1-0')).err).toMatch(/there is no dead letter 1-1-1-0/);
});

test('a posted record is corrected and read again', async () => {
  const [shop] = (await letters()).filter(({ source }) => source === 'shop');
  const again = await run('replay', shop!.position);
  expect(again).toMatchObject({
    code: 2,
    out: expect.stringContaining('refused again, 0 records') as string,
  });
  const { out: payload } = await run('show', shop!.position, '--payload');
  writeFileSync(join(directory, 'fixed.json'), payload.replace('30,00', '30.00'));
  const fixed = await run(
    'replay',
    shop!.position,
    '--with',
    'fixed.json',
    '--by',
    'amal',
    '--why',
    'a comma',
  );
  expect(fixed).toMatchObject({ code: 0, out: `${shop!.position}  read again, 1 records\n` });
  await eventually(letters, (found) => found.some(({ state }) => state === 'replayed'), 10_000);
});

test('a file is mended where it lies, and all that is right in it now is read again at once', async () => {
  // The folder is not looked at again by itself before its file has settled; a copy put back with the same time never is.
  const fixed = readFileSync(bankFile(), 'utf8').replace('"20,00"', '20.00').replace('thirty', '30.00');
  writeFileSync(bankFile(), fixed);
  const { code, out } = await run('replay', '--source', 'bank', '--why', 'a comma');
  expect(code).toBe(0);
  expect(out).toMatch(/read again, 3 records; 1 more of its file are refused no more\n$/);
  await eventually(letters, (found) => found.every(({ state }) => state === 'replayed'), 10_000);
  expect((await run('list')).out).toBe('there are no dead letters\n');
  expect((await run('list', '--all')).out.trim().split('\n')).toHaveLength(3);
  expect((await run('replay', '--source', 'bank')).out).toBe('source bank has no open dead letters\n');

  interface Match {
    readonly legs: readonly { readonly id: string }[];
  }
  const matches = await eventually(
    () => listAll<Match>(up.apiUrl, '/v1/matches'),
    (found) => found.length >= 3,
    10_000,
  );
  expect(matches.map(({ legs }) => legs.map(({ id }) => id).join()).sort()).toEqual([
    's1,b1',
    's2,b2',
    's3,b3',
  ]);
  const findings = await listAll<{ message: string }>(up.apiUrl, '/v1/findings', { kind: 'replayed' });
  expect(findings.map(({ message }) => /read again by (\S+) \(a comma\)/.test(message))).toEqual([
    true,
    true,
    true,
  ]);
});

test('what makes no sense is one clear line', async () => {
  for (const [args, message] of [
    [['replay'], /say which dead letters: their positions, or --source/],
    [['replay', '--source', 'bank', '--with', 'x'], /--with is the content of particular dead letters/],
    [['replay', '1-1-1-0', '--with', 'none.json'], /--with: none\.json cannot be read/],
    [['list', '--limit', '0'], /--limit: found "0"/],
  ] as const) {
    const { code, err } = await run(...args);
    expect(code).toBe(1);
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  }
});

test('a source that was added is in the rules before its first file is read', async () => {
  await up.stop();
  const branch = { connector: 'csv', path: 'branch/*.csv', account: 'store', kind: 'bank' };
  const [reconciliation] = CONFIG.reconciliations;
  mkdirSync(join(directory, 'branch'));
  writeFileSync(
    join(directory, 'branch', 'branch.csv'),
    BANK.replace('"20,00"', '20.00').replace('thirty', '30.00'),
  );
  up = await startUp(directory, {
    ...CONFIG,
    sources: { ...CONFIG.sources, branch },
    reconciliations: [{ ...reconciliation, right: { sources: ['bank', 'branch'] } }],
  });
  const stored = (): Promise<unknown[]> => listAll(up.apiUrl, '/v1/records', { source: 'branch' });
  const refused = async (): Promise<DeadLetter[]> =>
    (await letters()).filter(({ source }) => source === 'branch');
  // Each of them is stored, or a dead letter.
  await eventually(
    async () => (await stored()).length + (await refused()).length,
    (found) => found >= 3,
    20_000,
  );
  expect(await refused()).toEqual([]);
});
