import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScenarioOptions } from '../../../connectors/simulators/scenario/index.ts';
import { DAY_MS } from '../../../engine/domain/index.ts';
import { freePort } from '../../local/index.ts';
import { startUp } from '../up-process.ts';
import type { UpProcess } from '../up-process.ts';
import { IS_LONG, PAYMENTS, PROVIDERS, chosenSeed } from './scale.ts';
import { startWorldChild } from './world-child.ts';
import type { Told, WorldChild } from './world-child.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How long sales go on, in simulated time. */
const SALES_MS = 10 * MINUTE_MS;
/** Of the log. */
export const PARTITIONS = 4;
/** Of what `up` wrote, where a test fails. */
const SHOWN_CHARS = 4000;
const MERCHANTS = ['souk', 'dune'];
/** A long run takes real minutes, and is polled as often as by default while webhooks are missed. */
const LONG_POLL = { interval: '30s', minInterval: '15s' };

/** Payment companies with every fault at once, and an `up` that can be started on them. */
export interface Setting {
  readonly seed: number;
  /** Of everything that the test writes. */
  readonly directory: string;
  /** The lines that must be stored in the end, by source, as JSON. */
  readonly wantedFile: string;
  readonly world: WorldChild;
  /** What happens in the world. */
  readonly scenario: ScenarioOptions;
  /** The part of the sales that is over, from 0 to 1 while they go on. */
  readonly salesPart: (told: Told) => number;
  /** Where `up` takes webhooks. */
  readonly webhooksUrl: string;
  /** Starts `up`; what runs in the end is killed. */
  readonly up: (config: object) => Promise<UpProcess>;
}

export interface SettingOptions {
  /** The part of the sales after which the world waits until it is told to play on. Default: it does not wait. */
  readonly waitAfter?: number;
  readonly onTold?: (told: Told) => void;
}

/** Runs `body` in a setting of its own, of which nothing is left afterwards. */
export async function inSetting(
  { waitAfter, onTold }: SettingOptions,
  body: (setting: Setting) => Promise<void>,
): Promise<void> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'counterfoil-deliveries-')));
  const seed = chosenSeed();
  console.log(`deliveries seed ${seed}`);
  const port = await freePort();
  const wantedFile = join(directory, 'wanted.json');
  const startMs = Math.floor(Date.now() / DAY_MS - 6) * DAY_MS;
  const scenario = {
    ...{ seed, payments: PAYMENTS, providers: PROVIDERS, merchants: MERCHANTS, startMs, spanMs: SALES_MS },
    // Past this the bank states its lines, lists catch up, and it is still not later than now.
    untilMs: Date.now() - 48 * HOUR_MS,
  };
  const webhooksUrl = `http://127.0.0.1:${port}`;
  const waiting = waitAfter === undefined ? {} : { waitAtMs: startMs + waitAfter * SALES_MS };
  let world: WorldChild | undefined;
  const lives: UpProcess[] = [];
  try {
    world = await startWorldChild(
      {
        ...{ ...scenario, ...waiting, directory, wanted: wantedFile, webhooksUrl },
        ...(IS_LONG ? { poll: LONG_POLL } : {}),
      },
      onTold,
    );
    Object.assign(process.env, world.secrets);
    await body({
      ...{ seed, directory, wantedFile, world, scenario, webhooksUrl },
      salesPart: ({ nowMs }) => (nowMs - startMs) / SALES_MS,
      async up(config) {
        const up = await startUp(directory, { partitions: PARTITIONS, webhooks: { port }, ...config });
        lives.push(up);
        return up;
      },
    });
  } catch (error) {
    for (const up of lives) console.log(up.output().slice(-SHOWN_CHARS));
    throw error;
  } finally {
    await lives.at(-1)?.kill();
    await world?.end();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}
