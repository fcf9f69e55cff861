import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectRoot } from '../local/project-root.ts';

const CLI = join(projectRoot(), 'dist/deploy/cli/main.js');
const EXAMPLE = join(projectRoot(), 'examples/csv/reconcile.yaml');

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built command to its end. */
function run(...args: string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      timeout: 60_000,
      killSignal: 'SIGKILL',
      env: { ...process.env, NO_COLOR: '1' },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'counterfoil-cli-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function put(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

describe('the command line', () => {
  it('has help with examples for every command, and a version', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    for (const command of [
      'up',
      'engine',
      'connectors',
      'api',
      'reconcile',
      'explain',
      'backtest',
      'command',
      'trace',
      'statement',
      'fees',
      'demo',
      'doctor',
    ]) {
      expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
      expect((await run(command, '--help')).out).toContain(`counterfoil ${command}`);
    }
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('explains rules, and refuses what could not work with a line for each thing', async () => {
    const { code, out } = await run('explain', EXAMPLE);
    expect(code).toBe(0);
    expect(out).toContain('index    account + currency + reference');
    const plan = JSON.parse((await run('explain', EXAMPLE, '--json')).out) as { reconciliations: unknown[] };
    expect(plan.reconciliations).toHaveLength(1);
    const wrong = put('wrong.yaml', 'sources: { a: { connector: csv, path: *x } }\nrules: 1\n');
    const refused = await run('explain', wrong);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('wrong.yaml:1:39: "*x" stands for what "&x" marks');
  });

  it('ends without a word when nobody reads on', async () => {
    const child = spawn(process.execPath, [CLI, '--help'], { timeout: 60_000, killSignal: 'SIGKILL' });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, err }).toEqual({ code: 141, err: '' });
  });

  it('says in one line what it does not know', async () => {
    const { code, err } = await run('reconcil');
    expect(code).toBe(1);
    expect(err).toContain("unknown command 'reconcil'");
    expect(err).toContain('reconcile');
  });

  it('tells an error in one line, and its stack only with --debug', async () => {
    const { code, out, err } = await run('reconcile', join(directory, 'none.yaml'));
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: `counterfoil: ${join(directory, 'none.yaml')}: there is no such file; check the path\n`,
    });
    expect((await run('--debug', 'reconcile', join(directory, 'none.yaml'))).err).toContain('    at ');
  });

  it('lists every error of a configuration', async () => {
    const file = put('bad.yaml', 'sources: { a: { connector: cvs } }\npartitions: 0\n');
    const { code, err } = await run('reconcile', file);
    expect(code).toBe(1);
    expect(err.trimEnd().split('\n')).toEqual([
      `counterfoil: ${file}:2:13: partitions: found 0, wants a whole number from 1 to 1024`,
      expect.stringContaining(`${file}:1:28: sources.a.connector: unknown connector "cvs"`) as string,
    ]);
  });
});

describe('counterfoil reconcile', () => {
  it('prints a summary, aligned and without colours where nobody watches', async () => {
    const { code, out, err } = await run('reconcile', EXAMPLE);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toContain('\u001b');
    expect(out).toMatch(/^gateway-to-bank {2}AED\n {2,}left +right\n {2}records +5 +5\n {2}matched +3 +3\n/);
    expect(out).toContain(
      '12 records, 4 matches, 3 breaks, 1 duplicate, 0 unrouted, 0 findings, 1 dead letter',
    );
    expect(out).toContain('  gateway.csv:9  invalidAmount: ');
  });

  it('exits with 2 on a break where asked to, and writes to standard output', async () => {
    const { code, out } = await run('reconcile', EXAMPLE, '--out', '-', '--fail-on-break');
    expect(code).toBe(2);
    const lines = out.trimEnd().split('\n');
    expect((JSON.parse(lines.at(-1)!) as { type: string }).type).toBe('summary');
    expect((await run('reconcile', EXAMPLE, '--fail-on-break')).code).toBe(2);
  });

  it('reads large files in threads, with the same results', async () => {
    const count = 45_000;
    const header = 'id,reference,amount,currency,time,references.note\n';
    const row = (side: string, i: number): string =>
      `${side}${i},R${i},${i % 97}.25,AED,${new Date(1767225600000 + ((i * 7919) % count) * 1000).toISOString()},${'x'.repeat(40)}\n`;
    const rows = (side: string): string => Array.from({ length: count }, (_, i) => row(side, i)).join('');
    put('gateway.csv', `${header}${rows('g')}bad,row\n`);
    put('bank.csv', header + rows('b'));
    const yaml = `
sources: { gateway: { connector: csv, path: gateway.csv }, bank: { connector: csv, path: bank.csv } }
reconciliations:
  - { name: r, left: { sources: [gateway] }, right: { sources: [bank] }, window: { after: 1h }, rules: [{ name: one, keys: [reference] }] }
`;
    const out = join(directory, 'out.ndjson');
    const { code, err } = await run('reconcile', put('c.yaml', yaml), '--out', out);
    expect({ code, err: err.replaceAll(/^(reading|matching): .*\n/gm, '') }).toEqual({ code: 0, err: '' });
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(count + 2);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ records: 2 * count, matches: count, breaks: {} });
    expect(JSON.parse(lines.at(-2)!)).toMatchObject({
      file: 'gateway.csv',
      line: count + 2,
      code: 'malformedRow',
    });
    expect(readdirSync(directory)).not.toContain('out.ndjson.partial');
  });
});

describe('counterfoil backtest', () => {
  const [strict, loose] = ['1.3', '1.5'].map((percent) =>
    join(projectRoot(), `examples/converted-settlement/tolerance-${percent}.yaml`),
  ) as [string, string];

  it('says what other rules gain and lose, and exits with 2 on a loss where asked to', async () => {
    const gain = await run('backtest', '--rules', loose, '--files', strict, '--fail-on-loss');
    expect({ code: gain.code, err: gain.err }).toEqual({ code: 0, err: '' });
    expect(gain.out).toMatch(/^ {2}matches +0 +1 +0 +0 +108\.80 +0\.00$/m);
    expect(gain.out).toMatch(/^ {2}breaks +0 +0 +1 +0\.00 +1\.49$/m);
    expect(gain.out).toContain('no match lost, 4 records');

    const out = join(directory, 'differences.ndjson');
    const loss = await run(
      'backtest',
      '--rules',
      strict,
      '--files',
      loose,
      '--json',
      '--out',
      out,
      '--fail-on-loss',
    );
    expect(loss.code).toBe(2);
    expect(JSON.parse(loss.out)).toMatchObject({ type: 'report', records: 4 });
    const types = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(types.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      'matchLost',
      'breakGained',
    ]);
  });

  it('says in one line what it needs', async () => {
    const none = await run('backtest', '--rules', loose);
    expect(none).toMatchObject({ code: 1, out: '' });
    expect(none.err).toMatch(/^counterfoil: a backtest runs over files .* name one of them\n$/);
    const file = put('c.yaml', 'dataDir: nowhere\n');
    const empty = await run('backtest', '--rules', loose, '--config', file);
    expect(empty.code).toBe(1);
    expect(empty.err).toContain('there is no log here; run "counterfoil up" first');
    expect(readdirSync(directory)).toEqual(['c.yaml']);
  });
});

describe('counterfoil doctor', () => {
  it('passes on a machine that can run the tests', async () => {
    const { code, out } = await run('doctor', put('c.yaml', ''));
    expect(out).not.toMatch(/^missing/m);
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {7}nats-server/m);
    expect(out).toMatch(/^ok {7}clickhouse/m);
    expect(readdirSync(directory)).toEqual(['c.yaml']);
  });

  it('says what is missing, and fails', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    try {
      const yaml = `stream: { url: "nats://user:hush@127.0.0.1:1", timeout: 200ms }\nstore: { url: "http://127.0.0.1:1" }\napi: { port: ${port} }\n`;
      const { code, out } = await run('doctor', put('c.yaml', yaml));
      expect(code).toBe(1);
      expect(out).toMatch(/^missing {2}broker .*127\.0\.0\.1:1/m);
      expect(out).toMatch(/^missing {2}clickhouse .*store\.url/m);
      expect(out).toMatch(new RegExp(`^missing {2}api port .*${port}`, 'm'));
      expect(out).not.toContain('hush');
    } finally {
      server.close();
    }
  });
});

describe('a role that cannot start', () => {
  it.each([
    ['engine', 'partitions: 1\n', 'stream.url: is missing'],
    ['api', 'stream: { url: "nats://127.0.0.1:1" }\n', 'store.url: found "embedded"'],
    ['connectors', 'stream: { url: "nats://127.0.0.1:1", timeout: 300ms }\n', '127.0.0.1:1'],
  ])('%s says why in one line', async (role, yaml, expected) => {
    const { code, err } = await run(role, put('c.yaml', yaml));
    expect(code).toBe(1);
    expect(err).toContain(expected);
    expect(
      err
        .trimEnd()
        .split('\n')
        .filter((line) => line.startsWith('counterfoil: ')),
    ).toHaveLength(1);
  });
});
