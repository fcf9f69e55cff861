import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { processesWhere } from '../local/processes.ts';
import { eventually, getJson } from './rest.ts';
import { CLI, startUp } from './up-process.ts';
import type { UpProcess } from './up-process.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'counterfoil-nonsense-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));

const SOURCES = {
  gateway: { connector: 'http-json' },
  ledger: { connector: 'http-json' },
};
const RECONCILIATION = {
  name: 'r',
  left: { sources: ['gateway'] },
  right: { sources: ['ledger'] },
  window: { after: '1h' },
  rules: [{ name: 'one', keys: ['reference'] }],
};

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  /** Standard error without the process's log and its progress. */
  readonly errors: readonly string[];
}

/** Runs a command over a configuration to its end. */
function run(command: string, config: object | string): Promise<Outcome> {
  const file = join(directory, 'counterfoil.yaml');
  const full = typeof config === 'string' ? config : { dataDir: 'data', partitions: 2, ...config };
  writeFileSync(file, typeof full === 'string' ? full : JSON.stringify(full));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, command, file], {
      cwd: directory,
      timeout: 45_000,
      killSignal: 'SIGKILL',
      env: { ...process.env, NO_COLOR: '1' },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, errors: errorLines(err) }));
  });
}

/** What is said to the user: no log line, and nothing about what it is at or that it stops. */
function errorLines(text: string): string[] {
  const progress = /^counterfoil: (starting|stopping|opening|preparing|connecting)\b[^;:]*$/;
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('{') && !progress.test(line));
}

describe('nonsense is one clear line, and nothing is left running', () => {
  test.each<[what: string, command: string, config: object | string, line: RegExp]>([
    ['a broken YAML', 'up', 'sources:\n  a: { connector: csv, path: [\n', /counterfoil\.yaml:3:1: .+/],
    [
      'an unknown setting',
      'up',
      { sources: { a: { connector: 'csv', path: 'x', pth: 1 } } },
      /sources\.a\.pth: unknown setting; did you mean "path"\?$/,
    ],
    [
      'an unknown field in a key',
      'up',
      {
        sources: SOURCES,
        reconciliations: [{ ...RECONCILIATION, rules: [{ name: 'one', keys: ['amnt'] }] }],
      },
      /rules\[0\]\.keys\[0\]: rule "one": "amnt" is not a field of a record; use .+/,
    ],
    [
      'keys that do not determine the partition',
      'up',
      {
        sources: SOURCES,
        partitionBy: ['reference'],
        reconciliations: [{ ...RECONCILIATION, rules: [{ name: 'one', keys: ['amount'] }] }],
      },
      /rule "one" of "r" has no key "references\.reference", but partitionBy has it.+add .+/,
    ],
    [
      'a negative window',
      'up',
      { sources: SOURCES, reconciliations: [{ ...RECONCILIATION, window: { after: '-1h' } }] },
      /window\.after: "-1h" is not a duration .+ such as .+/,
    ],
    [
      'a missing input file',
      'reconcile',
      {
        sources: {
          gateway: { connector: 'csv', path: 'none.csv' },
          ledger: { connector: 'csv', path: 'x' },
        },
        reconciliations: [RECONCILIATION],
      },
      /source "gateway": none\.csv: there is no such file; check the source's path/,
    ],
    [
      'an unreachable broker',
      'up',
      { stream: { url: 'nats://127.0.0.1:1', timeout: '500ms' } },
      /no NATS server answers at nats:\/\/127\.0\.0\.1:1 .+; start it, or correct stream\.url$/,
    ],
    [
      'an unreachable database',
      'up',
      { store: { url: 'http://127.0.0.1:1' } },
      /ClickHouse at 127\.0\.0\.1:1 cannot be reached .+; check store\.url/,
    ],
  ])('%s', async (_, command, config, line) => {
    const { code, out, errors } = await run(command, config);
    expect({ code, out, errors }).toEqual({
      code: 1,
      out: '',
      errors: [expect.stringMatching(line) as string],
    });
    expect(await processesWhere((text) => text.includes(directory))).toEqual([]);
  });

  test('a port in use', async () => {
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      for (const [config, line] of [
        [
          { api: { port } },
          new RegExp(`port ${port} on 127\\.0\\.0\\.1 is used by another program; stop it, or set .+`),
        ],
        [{ stream: { port } }, new RegExp(`port ${port} on 127\\.0\\.0\\.1 is already in use; choose .+`)],
      ] as const) {
        const { code, out, errors } = await run('up', config);
        expect({ code, out, errors }).toEqual({
          code: 1,
          out: '',
          errors: [expect.stringMatching(line) as string],
        });
      }
      expect(await processesWhere((text) => text.includes(directory))).toEqual([]);
    } finally {
      server.close();
    }
  });

  test('a data directory that another one has; that one goes on', async () => {
    const config = { partitions: 2, sources: SOURCES, reconciliations: [RECONCILIATION] };
    const up = await startUp(directory, config);
    try {
      const { code, errors } = await run('up', { ...config, dataDir: join(directory, 'data') });
      expect({ code, errors }).toEqual({
        code: 1,
        errors: [
          expect.stringMatching(
            /data directory .+ is in use by process \d+; stop that process, or choose .+/,
          ) as string,
        ],
      });
      await post(up.apiUrl, 0);
      expect(await up.stop()).toBe(0);
    } finally {
      await up.kill();
    }
  });
});

const BATCH = 500;
/** More posts than any of the small disks holds. */
const MOST_POSTS = 500;
const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount) console.log('skipped: a disk that fills up can be mounted by root on Linux only');

describe.skipIf(!canMount)('a full disk ends it with one line, and loses nothing', () => {
  test.each([
    ['the log', 24, (disk: string, rest: string) => ({ dataDir: rest, stream: { dataDir: disk } })],
    [
      'the database',
      36,
      (disk: string, rest: string) => ({ stream: { dataDir: rest }, store: { dataDir: disk } }),
    ],
    [
      'the checkpoints',
      6,
      (disk: string, rest: string) => ({
        dataDir: disk,
        stream: { dataDir: `${rest}/log` },
        store: { dataDir: `${rest}/store` },
      }),
    ],
  ])(
    'of %s',
    async (_, mebibytes, places) => {
      const disk = join(directory, 'disk');
      const rest = join(directory, 'rest');
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', disk]);
      let up: UpProcess | undefined;
      try {
        const config = {
          partitions: 2,
          sources: SOURCES,
          reconciliations: [RECONCILIATION],
          engine: { checkpointInterval: '500ms', stopTimeout: '5s' },
          ...places(disk, rest),
        };
        up = await startUp(directory, config);
        let acknowledged = 0;
        let sent = 0;
        while (sent < MOST_POSTS && (await post(up.apiUrl, sent++))) acknowledged++;
        expect(acknowledged).toBeGreaterThan(5);
        expect(sent, 'the disk is not full').toBeLessThan(MOST_POSTS);
        expect(await up.ended, up.output()).toBe(1);
        const said = errorLines(up.output()).filter((line) => /no space|out of storage/.test(line));
        expect(said).toEqual([expect.stringMatching(/^counterfoil: .+; .+/) as string]);

        execFileSync('mount', ['-o', 'remount,size=1g', disk]);
        up = await startUp(directory, config);
        const { apiUrl } = up;
        const { totals } = await eventually(
          () => getJson<{ totals: { records: number } }>(apiUrl, '/v1/summary'),
          (summary) => summary.totals.records >= acknowledged * BATCH,
          30_000,
        );
        // What was sent and not acknowledged may be there, or not.
        expect(totals.records).toBeLessThanOrEqual(sent * BATCH);
        await post(apiUrl, MOST_POSTS);
        expect(await up.stop()).toBe(0);
      } finally {
        await up?.kill();
        // What has just been killed may still be on its way out.
        execFileSync('umount', ['--lazy', disk]);
      }
    },
    120_000,
  );
});

/** Posts one batch. @returns whether it was acknowledged; false when the API refuses it or is gone */
async function post(apiUrl: string, batch: number): Promise<boolean> {
  const records = Array.from({ length: BATCH }, (_, i) => ({
    id: `g${batch}-${i}`,
    amount: '1.00',
    currency: 'AED',
    time: Date.now(),
    reference: `r${batch}-${i}`,
    // Nothing that a database could make small.
    references: { note: randomBytes(120).toString('base64') },
  }));
  try {
    const answer = await fetch(`${apiUrl}/v1/records`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ source: 'gateway', records }),
      signal: AbortSignal.timeout(60_000),
    });
    await answer.text();
    return answer.ok;
  } catch {
    return false;
  }
}
