import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type {
  WorldProcessLine,
  WorldProcessOptions,
} from '../../../connectors/simulators/world/world-process.ts';
import { projectRoot } from '../../local/project-root.ts';
import { IS_LONG, LIMIT_MS } from './scale.ts';

/** How far the simulators have come. */
export type Told = Exclude<WorldProcessLine, { readonly type: 'ready' }>;

/** Simulated payment companies in a process of their own, so that what they do takes no time of what is tested. */
export interface WorldChild {
  /** The section `sources` of a configuration that reads them, with the secrets by name that it takes from outside. */
  readonly sources: { readonly [name: string]: object };
  readonly secrets: { readonly [name: string]: string };
  /** What was told last; undefined before anything happens. */
  readonly latest: Told | undefined;
  /** Lets everything happen, and goes on where it waits. */
  readonly play: () => void;
  /** Resolves when `enough` holds of what is told. @throws Error where that can no longer be, or takes too long */
  until(enough: (told: Told) => boolean): Promise<Told>;
  /** Resolves when everything has happened. */
  done(): Promise<Told & { readonly type: 'done' }>;
  end(): Promise<void>;
}

interface Waiter {
  readonly enough: (told: Told) => boolean;
  readonly resolve: (told: Told) => void;
  readonly reject: (error: Error) => void;
}

const PRINT_EVERY_S = 1;
const END_MS = 10_000;

/** @param onTold called with each line, before anybody who waits for it */
export async function startWorldChild(
  options: WorldProcessOptions,
  onTold: (told: Told) => void = () => undefined,
): Promise<WorldChild> {
  const path = join(projectRoot(), 'dist/connectors/simulators/world/world-process.js');
  const child = spawn(
    process.execPath,
    ['--max-old-space-size=8192', '--max-semi-space-size=64', path, JSON.stringify(options)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<WorldProcessLine | undefined> => {
    const line = await lines.next();
    return line.done === true ? undefined : (JSON.parse(line.value) as WorldProcessLine);
  };
  const ready = await next();
  if (ready?.type !== 'ready') throw new Error('the simulators ended before they were ready');

  let latest: Told | undefined;
  let isOver = false;
  let printed = 0;
  let waiters: Waiter[] = [];
  const follow = async (): Promise<void> => {
    for (let line = await next(); line !== undefined; line = await next()) {
      if (line.type === 'ready') continue;
      latest = line;
      onTold(line);
      if (IS_LONG && line.seconds >= printed + PRINT_EVERY_S) {
        printed = line.seconds;
        console.log(JSON.stringify(line));
      }
      const served = waiters.filter(({ enough }) => enough(line));
      waiters = waiters.filter((waiter) => !served.includes(waiter));
      for (const { resolve } of served) resolve(line);
    }
    isOver = true;
    for (const { reject } of waiters.splice(0)) reject(new Error('the simulators ended'));
  };
  void follow();

  const until = (enough: (told: Told) => boolean): Promise<Told> =>
    new Promise((resolve, reject) => {
      if (latest !== undefined && enough(latest)) {
        resolve(latest);
        return;
      }
      if (isOver) {
        reject(new Error('the simulators ended'));
        return;
      }
      const timer = setTimeout(() => {
        waiters = waiters.filter((each) => each !== waiter);
        reject(new Error(`the simulators have come no further than ${JSON.stringify(latest)}`));
      }, LIMIT_MS / 2);
      const waiter: Waiter = {
        enough,
        resolve(told) {
          clearTimeout(timer);
          resolve(told);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      };
      waiters.push(waiter);
    });

  return {
    sources: ready.sources,
    secrets: ready.secrets,
    get latest() {
      return latest;
    },
    play: () => void child.stdin.write('play\n'),
    until,
    done: () => until(({ type }) => type === 'done') as Promise<Told & { readonly type: 'done' }>,
    async end() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
