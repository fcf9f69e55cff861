import { spawn } from 'node:child_process';
import { CLI } from './up-process.ts';

const RUN_MS = 60_000;

/** How a command ended, and what it wrote. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the compiled command line in `directory`, against the API at `url`. */
export function runCommand(
  args: readonly string[],
  { directory, url }: { readonly directory: string; readonly url: string },
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: directory,
      timeout: RUN_MS,
      killSignal: 'SIGKILL',
      env: { ...process.env, NO_COLOR: '1', COUNTERFOIL_URL: url },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}
