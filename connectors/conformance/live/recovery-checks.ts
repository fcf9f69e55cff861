import { expect } from 'vitest';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import { goesOn, isComplete, isCompleteByWebhooks, pollToEnd, sendAll } from './checking.ts';
import type { LiveCheck } from './checking.ts';
import type { LiveLine, WebhookLine } from './lines.ts';
import type { LiveRig } from './rig.ts';

const HOUR_MS = 3_600_000;
/** Deliveries in whose middle the process is killed; a new one takes its time. */
const KILLED = 8;

/** One round, killed at its page of this number. @returns whether it had so many */
async function pollAndKill(rig: LiveRig, page: number, isStored: boolean): Promise<boolean> {
  let published = 0;
  const kill = (): void => {
    if (++published === page) throw new CounterfoilError('stopping', 'killed');
  };
  if (isStored) rig.log.after = kill;
  else
    rig.log.before = async () => {
      await Promise.resolve();
      kill();
    };
  await rig.poll();
  rig.log.before = () => Promise.resolve();
  rig.log.after = () => undefined;
  await rig.crash();
  return published >= page;
}

/** The lines about everything that a provider has to tell. */
export const RECOVERY_CHECKS: {
  readonly [line in 'crashBeforeAnswer' | Exclude<LiveLine, WebhookLine | 'kill'>]: LiveCheck;
} = {
  crashBeforeAnswer: {
    async check(rig) {
      const bodies = await rig.bodies();
      for (const body of bodies.slice(0, KILLED)) {
        rig.log.after = () => {
          throw new CounterfoilError('stopping', 'killed');
        };
        await rig.send(body);
        rig.log.after = () => undefined;
        await rig.crash();
        expect(await rig.send(body)).toBe(200);
      }
      await sendAll(rig, bodies.slice(KILLED));
      isCompleteByWebhooks(rig);
      expect(rig.log.kept.count).toBeGreaterThan(rig.log.kept.records.size);
    },
  },

  crashBeforeCursor: {
    async check(rig) {
      await rig.bodies();
      // Ever later: once before a page is in the log, and once when it is and the cursor has yet to move.
      for (const isStored of [false, true]) {
        await rig.restart();
        for (let page = 1, isKilled = true; isKilled; page += Math.ceil(page / 2)) {
          isKilled = await pollAndKill(rig, page, isStored);
        }
        await pollToEnd(rig);
        isComplete(rig);
        if (isStored) expect(rig.log.kept.count).toBeGreaterThan(rig.log.kept.records.size);
      }
    },
  },

  unknownCurrency: {
    async check(rig) {
      const replaced = rig.sample.unknownCurrency;
      const isPushed = rig.sample.webhooks !== undefined;
      const body = isPushed ? await rig.telling() : '';
      await rig.playRest();
      rig.edit = replaced;
      if (isPushed) expect(await rig.send(replaced(body))).toBe(200);
      else await rig.poll();
      expect(rig.log.ids).toEqual([]);
      const codes = rig.log.kept.deadLetters.map(({ code }) => code);
      expect(codes.length).toBeGreaterThan(0);
      expect(new Set(codes)).toEqual(new Set(['unknownCurrency']));
      rig.edit = undefined;
      // What was kept of the answers may be as it was.
      await rig.restart();
      if (isPushed) await goesOn(rig, body);
      await pollToEnd(rig);
      if (rig.session.polling !== undefined) isComplete(rig);
    },
  },

  rateLimit: {
    options: () => ({ on: ['rateLimits', 'silentRateLimits'], rate: 0.3 }),
    async check(rig) {
      const bodies = await rig.bodies();
      await sendAll(rig, bodies);
      if (bodies.length > 0) isCompleteByWebhooks(rig);
      await rig.forget();
      await pollToEnd(rig);
      expect(rig.failures).toEqual([]);
      isComplete(rig);
    },
  },

  outage: {
    async check(rig) {
      const body = rig.sample.webhooks === undefined ? undefined : await rig.telling();
      await rig.playRest();
      rig.isOut = true;
      if (body !== undefined) {
        const refused = await rig.deliver(rig.signed(body));
        expect(refused.status).toBe(503);
        expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      }
      await rig.poll();
      expect(rig.failures.length).toBe(1);
      expect(rig.log.ids).toEqual([]);
      rig.isOut = false;
      await pollToEnd(rig);
      expect(rig.failures.length).toBe(1);
      isComplete(rig);
    },
  },

  everyFault: {
    options: ({ cannotBear }) => ({ on: 'all', without: Object.keys(cannotBear) }),
    async check(rig) {
      await rig.play(12 * HOUR_MS);
      await pollToEnd(rig);
      isComplete(rig);
    },
  },
};
