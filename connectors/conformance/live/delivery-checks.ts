import { expect } from 'vitest';
import { CounterfoilError, DAY_MS } from '../../../engine/domain/index.ts';
import { goesOn, isCompleteByWebhooks, sendAll } from './checking.ts';
import type { LiveCheck } from './checking.ts';
import type { WebhookLine } from './lines.ts';
import type { WebhookAnswer } from '../../runtime/live/webhook-endpoint.ts';
import { MAX_BODY_BYTES } from './rig.ts';
import type { LiveRig } from './rig.ts';

const unreachable = (): Promise<void> =>
  Promise.reject(new CounterfoilError('brokerUnreachable', 'no broker'));

/** A delivery is refused, leaves nothing, and is not in the way of the true one. */
async function isRefused(rig: LiveRig, status: number, deliver: () => Promise<WebhookAnswer>): Promise<void> {
  expect((await deliver()).status).toBe(status);
  expect(rig.log.items).toEqual([]);
}

async function isRefusedAt(rig: LiveRig, offsetMs: number): Promise<void> {
  const body = await rig.telling();
  await isRefused(rig, 400, () => rig.deliver(rig.signed(body, undefined, rig.now() + offsetMs)));
  await goesOn(rig, body);
}

/** The lines about single deliveries. */
export const DELIVERY_CHECKS: { readonly [line in Exclude<WebhookLine, 'crashBeforeAnswer'>]: LiveCheck } = {
  durable: {
    async check(rig) {
      const body = await rig.telling();
      rig.log.before = unreachable;
      const refused = await rig.deliver(rig.signed(body));
      expect(refused.status).toBe(503);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect(rig.log.items).toEqual([]);
      let open = (): void => undefined;
      const gate = new Promise<void>((resolve) => (open = resolve));
      let isWaiting = (): void => undefined;
      const waiting = new Promise<void>((resolve) => (isWaiting = resolve));
      rig.log.before = () => {
        isWaiting();
        return gate;
      };
      let isAnswered = false;
      const answer = rig.deliver(rig.signed(body)).finally(() => (isAnswered = true));
      await waiting;
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(isAnswered).toBe(false);
      open();
      expect((await answer).status).toBe(200);
      expect(rig.log.ids.length).toBeGreaterThan(0);
    },
  },

  redelivery: {
    async check(rig) {
      for (const body of await rig.bodies()) {
        expect(await Promise.all([rig.send(body), rig.send(body)])).toEqual([200, 200]);
        expect(await rig.send(body)).toBe(200);
      }
      isCompleteByWebhooks(rig);
    },
  },

  reordering: {
    async check(rig) {
      await sendAll(rig, (await rig.bodies()).toReversed());
      isCompleteByWebhooks(rig);
    },
  },

  badSignature: {
    async check(rig) {
      const body = await rig.telling();
      const [, , foreign] = rig.webhooks.secrets;
      await isRefused(rig, 401, () => rig.deliver({ headers: {}, body }));
      await isRefused(rig, 401, () => rig.deliver(rig.signed(body, foreign)));
      const { headers } = rig.signed(body);
      const emptied = Object.fromEntries(Object.keys(headers).map((name) => [name, '']));
      await isRefused(rig, 401, () => rig.deliver({ headers: emptied, body }));
      await goesOn(rig, body);
    },
  },

  changedBody: {
    async check(rig) {
      const body = await rig.telling();
      const { headers } = rig.signed(body);
      await isRefused(rig, 401, () => rig.deliver({ headers, body: `${body} ` }));
      await isRefused(rig, 401, () => rig.deliver({ headers, body: body.replace(/\d(?=\D*$)/, '7x') }));
      await goesOn(rig, body);
    },
  },

  staleTimestamp: { check: (rig) => isRefusedAt(rig, -30 * DAY_MS) },

  futureTimestamp: { check: (rig) => isRefusedAt(rig, DAY_MS) },

  oversize: {
    async check(rig) {
      const body = await rig.telling();
      const large = rig.signed(`${body}${' '.repeat(MAX_BODY_BYTES)}`);
      await isRefused(rig, 413, () => rig.deliver(large));
      const announced = { ...large.headers, 'content-length': String(MAX_BODY_BYTES + 1) };
      await isRefused(rig, 413, () => rig.deliver({ headers: announced, body: '' }));
      await goesOn(rig, body);
    },
  },

  busy: {
    options: () => ({ maxUnderWay: 1 }),
    async check(rig) {
      const body = await rig.telling();
      let open = (): void => undefined;
      const gate = new Promise<void>((resolve) => (open = resolve));
      rig.log.before = () => gate;
      const first = rig.send(body);
      const second = await rig.deliver(rig.signed(body));
      expect(second.status).toBe(429);
      expect(Number(second.headers['retry-after'])).toBeGreaterThan(0);
      open();
      expect(await first).toBe(200);
      expect(await rig.send(body)).toBe(200);
    },
  },

  malformed: {
    async check(rig) {
      const good = await rig.telling();
      const isRefusal = rig.webhooks.malformed === 'refused';
      for (const body of ['', '{', 'nonsense', good.slice(0, -2), '\u0000', '<?xml version="1.0"?>']) {
        rig.log.items.length = 0;
        expect(await rig.send(body)).toBe(isRefusal ? 400 : 200);
        expect(rig.log.items.map(({ type }) => type)).toEqual(isRefusal ? [] : ['deadLetter']);
      }
      // These can be read, and are nothing: whatever is said of them, they are no records and no reason to send again.
      for (const body of ['null', '[]', '{}', '"text"', '[[[[]]]]', '{"id":{}}']) {
        rig.log.items.length = 0;
        expect([200, 400]).toContain(await rig.send(body));
        expect(rig.log.ids).toEqual([]);
      }
      await goesOn(rig, good);
    },
  },

  unknownEvent: {
    async check(rig) {
      const { body, leaves } = rig.webhooks.unknownEvent;
      const good = await rig.telling();
      expect(await rig.send(body)).toBe(200);
      expect(rig.log.ids).toEqual([]);
      expect(rig.log.kept.deadLetters.map(({ code }) => code)).toEqual(leaves);
      await goesOn(rig, good);
    },
  },

  secretRotation: {
    options: ({ webhooks }) => ({ secrets: webhooks?.secrets.slice(0, 2) ?? [] }),
    async check(rig) {
      const body = await rig.telling();
      const [inUse, next, foreign] = rig.webhooks.secrets;
      for (const secret of [inUse, next]) {
        await rig.forget();
        expect((await rig.deliver(rig.signed(body, secret))).status).toBe(200);
        expect(rig.log.ids.length).toBeGreaterThan(0);
      }
      await rig.forget();
      await isRefused(rig, 401, () => rig.deliver(rig.signed(body, foreign)));
    },
  },
};
