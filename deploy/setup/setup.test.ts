import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** The set-up is plain JavaScript without types, so that it runs before anything is installed. */
async function load<T>(module: string): Promise<T> {
  return (await import(pathToFileURL(join(import.meta.dirname, module)).href)) as T;
}

const { isInstalled } = await load<{ isInstalled: (root: string) => Promise<boolean> }>('install.mjs');
const { fingerprint } = await load<{ fingerprint: (root: string) => Promise<string> }>('build.mjs');
const { withLock } = await load<{ withLock: <T>(directory: string, work: () => Promise<T>) => Promise<T> }>(
  'lock.mjs',
);

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-setup-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describe('packages', () => {
  const locked = {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
  };

  async function write(lock: unknown, installed?: unknown): Promise<void> {
    await mkdir(join(directory, 'node_modules'), { recursive: true });
    await writeFile(join(directory, 'package-lock.json'), JSON.stringify({ packages: lock }));
    if (installed === undefined) return;
    await writeFile(
      join(directory, 'node_modules', '.package-lock.json'),
      JSON.stringify({ packages: installed }),
    );
  }

  test('are current when npm recorded what the lock file says, other platforms apart', async () => {
    await write(locked, { 'node_modules/a': locked['node_modules/a'] });
    expect(await isInstalled(directory)).toBe(true);
  });

  test('are installed anew when an install was cut short, or a version or its content is another', async () => {
    await write(locked);
    expect(await isInstalled(directory)).toBe(false);
    await write(locked, {});
    expect(await isInstalled(directory)).toBe(false);
    await write(locked, { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } });
    expect(await isInstalled(directory)).toBe(false);
    await write(locked, { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } });
    expect(await isInstalled(directory)).toBe(false);
  });

  test('a lock file that is missing is one clear line', async () => {
    await expect(isInstalled(directory)).rejects.toThrow(
      /package-lock\.json .* is missing or damaged; restore it/,
    );
  });
});

describe('the build', () => {
  test('is stale when a source is written, added, removed or renamed, and not for a test', async () => {
    const source = join(directory, 'engine', 'deep', 'a.ts');
    await mkdir(join(directory, 'engine', 'deep'), { recursive: true });
    await writeFile(source, 'one');
    const seen = [await fingerprint(directory)];
    expect(await fingerprint(directory)).toBe(seen[0]);
    await writeFile(join(directory, 'engine', 'a.test.ts'), 'test');
    expect(await fingerprint(directory)).toBe(seen[0]);
    await utimes(source, new Date(), new Date(Date.now() + 5000));
    seen.push(await fingerprint(directory));
    await writeFile(join(directory, 'engine', 'b.ts'), 'two');
    seen.push(await fingerprint(directory));
    await rm(source);
    seen.push(await fingerprint(directory));
    await writeFile(join(directory, 'tsconfig.json'), '{}');
    seen.push(await fingerprint(directory));
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('the lock', () => {
  test('lets one work at a time and leaves nothing behind', async () => {
    let working = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++working);
      await delay(20);
      working--;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(directory, work)));
    expect(most).toBe(1);
    expect(await readdir(directory)).toEqual([]);
  });

  test('of a process that ended is taken over, and released when the work fails', async () => {
    await writeFile(join(directory, 'setup-lock.3'), String(2 ** 22 + 1));
    const failing = withLock(directory, async () => {
      expect(await readdir(directory)).toEqual(['setup-lock.4']);
      throw new Error('the work failed');
    });
    await expect(failing).rejects.toThrow('the work failed');
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('children', () => {
  interface Ended {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }

  /** Runs code against child.mjs in a process of its own; `onOutput` may send it a signal. */
  function inProcess(code: string, onOutput?: (pid: number) => void): Promise<Ended> {
    const url = pathToFileURL(join(import.meta.dirname, 'child.mjs')).href;
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', `import { run } from '${url}';${code}`],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 15_000,
      },
    );
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString();
      onOutput?.(child.pid!);
      onOutput = undefined;
    });
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    return new Promise((resolve) => child.once('close', (exit) => resolve({ code: exit, stdout, stderr })));
  }

  test('give their exit code and their output', async () => {
    const ended = await inProcess(
      `process.exitCode = await run(process.execPath, ['-e', 'console.log("said"); process.exit(7)']);`,
    );
    expect(ended).toMatchObject({ code: 7, stdout: 'said\n' });
  });

  test('hear of a signal sent to us, once, and are waited for', async () => {
    const script = `let n = 0; process.on("SIGINT", () => { n++; setTimeout(() => { console.log("drained", n); process.exit(3); }, 200); }); setInterval(() => {}, 1000); console.log("up");`;
    const ended = await inProcess(
      `process.exitCode = await run(process.execPath, ['-e', ${JSON.stringify(script)}]);`,
      (pid) => {
        process.kill(pid, 'SIGINT');
        setTimeout(() => process.kill(pid, 'SIGINT'), 50);
      },
    );
    expect(ended).toMatchObject({ code: 3, stdout: 'up\ndrained 1\n' });
  });

  test('ended by a signal give 128 and its number', async () => {
    const ended = await inProcess(
      `process.exitCode = await run(process.execPath, ['-e', 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)']);`,
    );
    expect(ended.code).toBe(143);
  });

  test('an unknown verb is one line on standard error', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'run.mjs'), 'nonsense'], {
      stdio: 'pipe',
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe('"nonsense" is not one of setup, demo, test, bench, counterfoil, check\n');
  });
});

describe('the totals of a test run', () => {
  async function totals(report: unknown, status = '0'): Promise<{ code: unknown; last: string }> {
    const file = join(directory, 'report.json');
    if (report !== undefined) await writeFile(file, JSON.stringify(report));
    const script = join(import.meta.dirname, '..', '..', '.ci', 'totals.mjs');
    const child = spawn(process.execPath, [script, file, status], { stdio: 'pipe' });
    let stdout = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.resume();
    const code = await new Promise((resolve) => child.once('close', resolve));
    return { code, last: stdout.trimEnd() };
  }

  const report = (passed: number, failed: number, pending = 0): unknown => ({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: 0,
    success: failed === 0,
    testResults: [],
  });

  test('are one line, and good only when something passed and nothing failed', async () => {
    expect(await totals(report(12, 0))).toEqual({ code: 0, last: '12 passed, 0 failed' });
    expect(await totals(report(12, 0, 3))).toEqual({ code: 0, last: '12 passed, 0 failed, 3 skipped' });
    expect(await totals(report(12, 1), '1')).toEqual({ code: 1, last: '12 passed, 1 failed' });
    expect(await totals(report(0, 0))).toEqual({ code: 1, last: '0 passed, 0 failed' });
    expect(await totals(report(12, 0), '1')).toEqual({ code: 1, last: '12 passed, 0 failed' });
  });

  test('without a report are none, and the run failed', async () => {
    expect(await totals(undefined)).toEqual({ code: 1, last: '' });
  });

  test('come from the command that the README names', async () => {
    const script = await readFile(join(import.meta.dirname, '..', '..', '.ci', 'run'), 'utf8');
    expect(script).toContain('npm test -- --reporter=default --reporter=json');
  });
});
