import { DAY_MS } from '../domain/index.ts';
import type { Random } from './random.ts';

/** What a random trace can be asked to be full of. */
export const FEATURES = [
  /** Filters, normalisers, keys that differ by side, what is compared, negate, tolerances, anchors, date conditions. */
  'language',
  /** hold and unique. */
  'hold',
  /** Pools that several reconciliations share. */
  'pools',
  /** 1:N, N:1 and N:M, with every way to be complete. */
  'groups',
  /** Records that name several groups. */
  'captureAll',
  'contra',
  /** Members that come after their group was matched, and whatever else disturbs groups. */
  'late',
  'partial',
  /** Fee contracts. */
  'fees',
  /** Two currencies. */
  'fx',
  'commands',
  /** Definitions that change while records are open. */
  'rules',
  /** Amendments by version, and records that take the place of interim ones. */
  'replace',
  'twins',
  /** Sources that are expected to speak. */
  'overdue',
  /** Rates that are published while records are open; there is no use in it without fx. */
  'rates',
] as const;

export type Feature = (typeof FEATURES)[number];

/** How fast time goes in a trace: windows, lags and the steps of log time belong together. */
export interface Pace {
  /** Lengths of windows, in milliseconds. */
  readonly windows: readonly number[];
  readonly graces: readonly number[];
  readonly retains: readonly number[];
  readonly holds: readonly number[];
  /** How far the log moves between two messages: weights and the most milliseconds of each. */
  readonly advances: readonly (readonly [weight: number, least: number, most: number])[];
  /** A short while by this pace, in milliseconds. */
  readonly moment: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Everything within minutes: many windows end in one trace. */
const MINUTES: Pace = {
  windows: [0, 1, SECOND, SECOND, 10 * SECOND, MINUTE, HOUR],
  graces: [0, 0, 1, SECOND, MINUTE],
  retains: [0, SECOND, MINUTE, MINUTE, HOUR, DAY_MS, 30 * DAY_MS],
  holds: [0, 1, SECOND, 5 * SECOND, MINUTE, 2 * HOUR],
  advances: [
    [30, 0, 0],
    [20, 1, 50],
    [20, 500, 1500],
    [12, 20 * SECOND, 70 * SECOND],
    [4, HOUR, HOUR],
    [1, DAY_MS, 3 * DAY_MS],
    [1, -2 * SECOND, -1],
  ],
  moment: SECOND,
};

/** Days go by, as calendars, cut-offs and rate tables need. */
const DAYS: Pace = {
  windows: [0, HOUR, 12 * HOUR, DAY_MS, DAY_MS, 2 * DAY_MS, 2.5 * DAY_MS],
  graces: [0, 0, 1, HOUR, 12 * HOUR],
  retains: [0, HOUR, DAY_MS, 3 * DAY_MS, 30 * DAY_MS],
  holds: [0, HOUR, 12 * HOUR, DAY_MS, 5 * DAY_MS],
  advances: [
    [30, 0, 0],
    [20, 1, MINUTE],
    [25, 10 * MINUTE, 4 * HOUR],
    [14, 4 * HOUR, 30 * HOUR],
    [3, 2 * DAY_MS, 4 * DAY_MS],
    [1, 30 * DAY_MS, 30 * DAY_MS],
    [1, -2 * SECOND, -1],
  ],
  moment: HOUR,
};

export function randomPace(random: Random, features: ReadonlySet<Feature>): Pace {
  const dated =
    features.has('language') || features.has('fx') || features.has('groups') || features.has('overdue');
  return dated && random.chance(0.45) ? DAYS : MINUTES;
}

/** How far log time moves before the next message, in milliseconds; now and then it goes back a little. */
export function advanceOf(random: Random, pace: Pace): number {
  const [, least, most] = random.weighted(pace.advances.map((each) => [each[0], each] as const));
  return random.integer(least, most);
}
