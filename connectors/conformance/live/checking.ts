import { expect } from 'vitest';
import type { LiveRig, RigOptions } from './rig.ts';
import type { LiveSample } from './sample.ts';

/** How one line is checked: on a source that was opened with these options. */
export interface LiveCheck {
  readonly options?: (sample: LiveSample) => RigOptions;
  readonly check: (rig: LiveRig) => Promise<void>;
}

const HOUR_MS = 3_600_000;

/** Sends bodies one after the other; each is accepted. */
export async function sendAll(rig: LiveRig, bodies: readonly string[]): Promise<void> {
  for (const body of bodies) expect(await rig.send(body)).toBe(200);
}

/** The records are those of the provider, each once, and nothing else has come. */
export function isComplete({ expected, lines, log }: LiveRig): void {
  expect(Object.keys(expected).length).toBeGreaterThan(10);
  expect(log.kept.deadLetters).toEqual([]);
  expect(lines).toEqual(expected);
}

/** The records are those of the provider, as far as its webhooks tell of them. */
export function isCompleteByWebhooks(rig: LiveRig): void {
  const { told } = rig.webhooks;
  if (told === undefined) {
    isComplete(rig);
    return;
  }
  const entries = Object.entries(rig.expected);
  const isTold = ([, line]: [string, string]): boolean => told.some((kind) => line.startsWith(`${kind} `));
  expect(rig.log.kept.deadLetters).toEqual([]);
  expect(rig.lines).toMatchObject(Object.fromEntries(entries.filter(isTold)));
  expect(rig.expected).toMatchObject(rig.lines);
}

export async function goesOn(rig: LiveRig, body: string): Promise<void> {
  const before = rig.log.ids.length;
  expect(await rig.send(body)).toBe(200);
  expect(rig.log.ids.length).toBeGreaterThan(before);
}

/** Polls until nothing more is to be found, past what sources look at once a day. */
export async function pollToEnd(rig: LiveRig): Promise<void> {
  for (let n = 0; n < 4; n++) {
    rig.pass(25 * HOUR_MS);
    await rig.poll();
  }
}
