import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from './command-line.ts';
import type { Outcome } from './command-line.ts';
import { eventually, getJson, listAll } from './rest.ts';
import { startUp } from './up-process.ts';
import type { UpProcess } from './up-process.ts';

/** What people decide, by the command line, against everything running; each test goes on from the one before. */

const START = Date.now() - 60_000;
const CONFIG = {
  partitions: 2,
  sources: {
    gateway: { connector: 'http-json', account: 'store', currency: 'AED', idleTimeout: '1s' },
    bank: { connector: 'http-json', account: 'store', currency: 'AED', kind: 'bank', idleTimeout: '1s' },
  },
  reconciliations: [
    {
      name: 'gateway-to-bank',
      left: { sources: ['gateway'] },
      right: { sources: ['bank'] },
      window: { before: '1s', after: '1s' },
      rules: [{ name: 'by-reference', keys: ['reference'], tolerance: { amount: '0.50' } }],
    },
  ],
  engine: { tickInterval: '100ms' },
};

let directory: string;
let up: UpProcess;

beforeAll(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'counterfoil-commands-')));
  up = await startUp(directory, CONFIG);
  await post('gateway', [
    { id: 'g1', amount: '100.00', reference: 'A' },
    { id: 'g2', amount: '50.00', reference: 'B' },
    { id: 'g3', amount: '-3.00', reference: 'C' },
    { id: 'g4', amount: '20.00', reference: 'D' },
  ]);
  await post('bank', [
    { id: 'b1', amount: '99.80', reference: 'A' },
    { id: 'b2', amount: '49.00', reference: 'BB' },
  ]);
});

afterAll(async () => {
  await up.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
});

async function post(source: string, records: readonly object[]): Promise<void> {
  const answer = await fetch(`${up.apiUrl}/v1/records`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      source,
      records: records.map((record, i) => ({ time: START + i, ...record })),
    }),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

/** Runs the command line against the running API. */
const run = (...args: string[]): Promise<Outcome> => runCommand(args, { directory, url: up.apiUrl });

/** Sends a command straight to the API. @returns the status */
async function send(body: object): Promise<number> {
  const answer = await fetch(`${up.apiUrl}/v1/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'ana', why: 'it was right', ...body }),
  });
  await answer.text();
  return answer.status;
}

interface Break {
  readonly breakId: string;
  readonly state: string;
  readonly reason?: string;
  readonly members: readonly { readonly id: string; readonly record: string }[];
}
const breaks = (): Promise<Break[]> => listAll<Break>(up.apiUrl, '/v1/breaks');
const breakOf = async (id: string): Promise<Break> =>
  (await breaks()).find(({ members }) => members.some((member) => member.id === id))!;

test('everything breaks that has no counterpart, and the statement accounts for it', async () => {
  await eventually(breaks, (found) => found.length === 4, 20_000);
  const { code, out } = await run('statement');
  expect(out).toMatch(/^gateway-to-bank {2}AED\n/);
  expect(out).toMatch(/matched, tolerance +0\.20/);
  expect(out).toMatch(/in breaks, left +67\.00\n +in breaks, right +49\.00\n +residual +0\.00/);
  expect(out).toContain('everything is accounted for');
  expect(code).toBe(0);
});

test('a break gets suggestions, and a reason', async () => {
  const { breakId } = await breakOf('g2');
  const { suggestions } = await getJson<{ suggestions: { record: { id: string } }[] }>(
    up.apiUrl,
    `/v1/breaks/${breakId}/suggestions`,
  );
  expect(suggestions[0]!.record.id).toBe('b2');
  const given = await run(
    'command',
    'assign-reason',
    breakId,
    'typing error',
    '--why',
    'BB for B',
    '--by',
    'ana',
  );
  expect(given).toMatchObject({ code: 0, err: '' });
  expect(await breakOf('g2')).toMatchObject({ state: 'open', reason: 'typing error' });
});

test('records whose sums differ are matched by adjusting, not by matching', async () => {
  const names = ['gateway-to-bank', 'gateway/g2', 'bank/b2', '--why', 'BB for B'];
  const refused = await run('command', 'match', ...names);
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/^counterfoil: refused: .+\n$/);
  const adjusted = await run('command', 'adjust', ...names, '--id', 'adjust-b', '--json');
  expect(adjusted.code).toBe(0);
  expect(JSON.parse(adjusted.out)).toMatchObject({ id: 'adjust-b', state: 'accepted' });
  // The same id again changes nothing.
  const records = [
    { source: 'gateway', id: 'g2' },
    { source: 'bank', id: 'b2' },
  ];
  expect(await send({ kind: 'adjust', id: 'adjust-b', reconciliation: 'gateway-to-bank', records })).toBe(
    200,
  );
  expect((await breakOf('g2')).state).toBe('resolved');
  const shown = await run('command', 'show', 'adjust-b');
  expect(shown.out).toMatch(
    /^accepted {2}command adjust-b\n {2}2 records matched\n {2}at 1-\d-\d+-0 of the log\n$/,
  );
  const log = await listAll<{ id: string; by: string; accepted: boolean }>(up.apiUrl, '/v1/commands');
  expect(log.map(({ accepted }) => accepted)).toEqual([true, false, true]);
});

test('a write-off closes a break, and reopening brings it back', async () => {
  const { members, breakId } = await breakOf('g3');
  expect(
    (await run('command', 'write-off', 'gateway-to-bank', members[0]!.record, '--why', 'small')).code,
  ).toBe(0);
  expect((await breakOf('g3')).state).toBe('writtenOff');
  const { out, code } = await run('statement');
  expect(out).toMatch(
    /matched, tolerance +0\.20\n +matched, adjustment +1\.00\n +written off, left +-3\.00\n/,
  );
  expect(code).toBe(0);
  expect(await send({ kind: 'reopen', break: breakId })).toBe(200);
});

test('an undone match stays undone until it is reopened', async () => {
  const [match] = await listAll<{ matchId: string }>(up.apiUrl, '/v1/matches', { recordId: 'g1' });
  expect((await run('command', 'unmatch', match!.matchId, '--why', 'another customer')).code).toBe(0);
  const [undone] = await listAll<{ state: string }>(up.apiUrl, '/v1/matches', { recordId: 'g1' });
  expect(undone!.state).toBe('unmatched');
  const traced = await run('trace', 'g1', '--source', 'gateway');
  expect(traced.out).toMatch(/^no: gateway g1 \(100\.00 AED\) (is not matched yet|broke in gateway-to-bank)/);
  expect(await send({ kind: 'unmatch', match: match!.matchId })).toBe(409);
  expect(await send({ kind: 'reopen', match: match!.matchId })).toBe(200);
  expect((await run('statement')).code).toBe(0);
});

test('new rules take effect in every partition', async () => {
  const file = join(directory, 'new-rules.yaml');
  const [reconciliation] = CONFIG.reconciliations;
  const rules = [{ name: 'by-amount', keys: ['amount'] }];
  writeFileSync(file, JSON.stringify({ ...CONFIG, reconciliations: [{ ...reconciliation, rules }] }));
  const { code, out, err } = await run('command', 'rules', file, '--why', 'references are lost');
  expect({ code, err }, err).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/\(2 partitions\)/);
  await post('bank', [{ id: 'b4', amount: '20.00', reference: 'lost' }]);
  const found = await eventually(
    () => listAll<{ rule: string }>(up.apiUrl, '/v1/matches', { recordId: 'g4' }),
    (matches) => matches.length > 0,
    20_000,
  );
  expect(found[0]!.rule).toBe('by-amount');
  // They stay in force, and nothing takes offence at them.
  await post('gateway', [{ id: 'g5', amount: '77.00', reference: 'E' }]);
  await post('bank', [{ id: 'b5', amount: '77.00', reference: 'F' }]);
  await eventually(
    () => listAll<{ rule: string }>(up.apiUrl, '/v1/matches', { recordId: 'g5' }),
    ([match]) => match?.rule === 'by-amount',
    20_000,
  );
  expect(up.output()).not.toContain('rules');
  expect((await run('trace', 'g4')).out).toMatch(
    /^yes: gateway g4 \(20\.00 AED\) reached the bank as bank b4/,
  );
});

test('results are explained by the rules in force, not by those of the configuration', async () => {
  const [g5] = await listAll<{ matchId: string }>(up.apiUrl, '/v1/matches', { recordId: 'g5' });
  const { rule } = await getJson<{ rule?: { name: string } }>(up.apiUrl, `/v1/matches/${g5!.matchId}`);
  expect(rule?.name).toBe('by-amount');
  expect((await run('statement')).code).toBe(0);
  // From now on the bank's side takes records of reference A alone: of b5, matched before, the books know all the same.
  const file = join(directory, 'newer-rules.yaml');
  const [reconciliation] = CONFIG.reconciliations;
  const changed = {
    ...reconciliation,
    right: { sources: ['bank'], where: { 'references.reference': 'A' } },
    rules: [{ name: 'by-amount', keys: ['amount'] }],
  };
  writeFileSync(file, JSON.stringify({ ...CONFIG, reconciliations: [changed] }));
  const { code, err } = await run('command', 'rules', file, '--why', 'one customer');
  expect({ code, err }, err).toEqual({ code: 0, err: '' });
  const statement = await run('statement');
  expect(statement.out).toMatch(/residual +0\.00/);
  expect(statement.out).toContain('everything is accounted for');
  expect(statement.code).toBe(0);
  const before = await run('statement', '--as-of', new Date(START).toISOString());
  expect(before.out).toMatch(/^nothing to account for: /);
  expect(before.code, before.err).toBe(3);
  // Of two rule sets with a rule of this name the latter is asked.
  await post('gateway', [{ id: 'g6', amount: '33.00', reference: 'G' }]);
  await post('bank', [{ id: 'b6', amount: '29.00', reference: 'A' }]);
  const { breakId } = await eventually(
    () => breakOf('g6'),
    (found) => (found as Break | undefined) !== undefined,
    20_000,
  );
  const { suggestions } = await getJson<{ suggestions: { rule: string; record: { id: string } }[] }>(
    up.apiUrl,
    `/v1/breaks/${breakId}/suggestions`,
  );
  expect(suggestions[0]).toMatchObject({ rule: 'by-amount', record: { id: 'b6' } });
});

test('what is wrong is one clear line', async () => {
  const [nowhere, nameless, unasked, unknown, beyond, fees] = await Promise.all([
    run('trace', 'g1', '--url', 'http://127.0.0.1:1'),
    run('command', 'match', 'r', 'g1', '--why', 'x'),
    run('command', 'unmatch', '1-0-1-0'),
    run('command', 'unmatch', '1-0-1-0', '--why', 'x'),
    run('statement', '--as-of', '9-9-9-9'),
    run('fees'),
  ]);
  expect(nowhere).toMatchObject({ code: 1, out: '' });
  expect(nowhere.err).toMatch(/^counterfoil: no API answers at http:\/\/127\.0\.0\.1:1 \(.+\); .+\n$/);
  expect(nameless.err).toMatch(/"g1" names no record; write source\/id/);
  expect(unasked.err).toMatch(/required option '--why <text>'/);
  expect(unknown.err).toBe('counterfoil: there is no match 1-0-1-0\n');
  expect(beyond).toMatchObject({ code: 1, out: '' });
  expect(beyond.err).toMatch(
    /^counterfoil: the log has no position 9-9-9-9; its positions go from sequence 1 through 1-0-\d+-0, 1-1-\d+-0\n$/,
  );
  expect(fees.out).toMatch(/^no fee was looked at: /);
});
