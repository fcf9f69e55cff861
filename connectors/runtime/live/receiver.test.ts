import { beforeEach, describe, expect, test } from 'vitest';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import type { ErrorCode } from '../../../engine/domain/index.ts';
import { MemoryPublisher, recordItem } from '../../conformance/items.ts';
import type { Delivery, Webhooks } from '../../contract/index.ts';
import { Arrivals } from './arrivals.ts';
import type { LiveObserver } from './observer.ts';
import { Receiver } from './receiver.ts';
import type { ReceiverLimits } from './receiver.ts';

const NOW = Date.UTC(2026, 10, 22);

let publisher: MemoryPublisher;
let events: string[];
let outcomes: string[];
let reads: number;

beforeEach(() => {
  publisher = new MemoryPublisher();
  events = [];
  outcomes = [];
  reads = 0;
});

/** The body says what happens: `{ id, fail? }`, where `fail` is the code of the error that reading throws. */
interface Body {
  readonly id: string;
  readonly fail?: ErrorCode;
}

const webhooks: Webhooks = {
  verify(delivery) {
    const code = delivery.headers['x-refuse'] as ErrorCode | undefined;
    if (code !== undefined) throw new CounterfoilError(code, 'this delivery is not taken');
    const payload = JSON.parse(Buffer.from(delivery.body).toString()) as Body;
    return { eventId: `evt_${payload.id}`, eventType: 'test', sentMs: NOW, payload };
  },
  async read(event) {
    reads++;
    const { id, fail } = event.payload as Body;
    await Promise.resolve();
    if (fail !== undefined) throw new CounterfoilError(fail, `reading ${id} failed`);
    return [recordItem({ id })];
  },
};

function receiverOf(limits: Partial<ReceiverLimits> = {}): Receiver {
  const observer: LiveObserver = {
    delivery: (_, outcome) => outcomes.push(outcome),
    event: (level, message, facts) => events.push(`${level} ${String(facts['requestId'])} ${message}`),
  };
  const arrivals = new Arrivals(NOW, 0);
  return new Receiver({ source: 'source', webhooks, publisher, arrivals, observer, now: () => NOW, limits });
}

function delivery(body: Body, headers: Delivery['headers'] = {}): Delivery {
  return { requestId: 'r1', headers, body: Buffer.from(JSON.stringify(body)), receivedMs: NOW };
}

describe('Receiver', () => {
  test('answers only after the log has acknowledged', async () => {
    const { opened, open } = gate();
    publisher.before = () => opened;
    let answered = false;
    const answer = receiverOf()
      .receive(delivery({ id: 'a' }))
      .finally(() => (answered = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).toBe(false);
    open();
    expect(await answer).toMatchObject({ status: 200, outcome: 'accepted' });
    expect(publisher.ids).toEqual(['a']);
  });

  test('reads a repeated event once, together or one after the other', async () => {
    const receiver = receiverOf();
    const both = [receiver.receive(delivery({ id: 'a' })), receiver.receive(delivery({ id: 'a' }))];
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
    expect(await receiver.receive(delivery({ id: 'a' }))).toMatchObject({ status: 200, outcome: 'repeated' });
    expect(reads).toBe(1);
    expect(publisher.ids).toEqual(['a']);
  });

  test.each([
    ['deliveryUnverified', 401, 'unverified'],
    ['deliveryStale', 400, 'stale'],
    ['malformedDelivery', 400, 'malformed'],
    ['providerUnreachable', 503, 'failed'],
  ] as const)('a delivery refused with %s is answered %i', async (code, status, outcome) => {
    const answer = await receiverOf().receive(delivery({ id: 'a' }, { 'x-refuse': code }));
    expect(answer).toMatchObject({ status, outcome });
    expect(answer.problem).not.toContain('this delivery');
    expect(reads).toBe(0);
    expect(events[0]).toContain('r1');
  });

  test('a flood of refused deliveries does not flood the log', async () => {
    const receiver = receiverOf();
    for (let n = 0; n < 30; n++) {
      await receiver.receive(delivery({ id: 'a' }, { 'x-refuse': 'deliveryUnverified' }));
    }
    expect(events).toHaveLength(20);
  });

  test('what may pass is answered 503 with Retry-After, and read again when it is sent again', async () => {
    const receiver = receiverOf();
    publisher.before = () => Promise.reject(new CounterfoilError('brokerUnreachable', 'no broker'));
    const first = await receiver.receive(delivery({ id: 'a' }));
    expect(first).toMatchObject({ status: 503 });
    expect(first.retryAfterSeconds).toBeGreaterThan(0);
    publisher.before = () => Promise.resolve();
    expect(await receiver.receive(delivery({ id: 'a' }))).toMatchObject({ status: 200, outcome: 'accepted' });
    expect(publisher.ids).toEqual(['a']);
  });

  test('a full log is answered 429 with Retry-After', async () => {
    publisher.before = () => Promise.reject(new CounterfoilError('overloaded', 'no room'));
    const answer = await receiverOf().receive(delivery({ id: 'a' }));
    expect(answer).toMatchObject({ status: 429, outcome: 'busy' });
    expect(answer.retryAfterSeconds).toBeGreaterThan(0);
  });

  test('more deliveries than may be under way are sent away', async () => {
    const { opened, open } = gate();
    publisher.before = () => opened;
    const receiver = receiverOf({ maxUnderWay: 1 });
    const first = receiver.receive(delivery({ id: 'a' }));
    expect(await receiver.receive(delivery({ id: 'b' }))).toMatchObject({ status: 429, outcome: 'busy' });
    open();
    expect(await first).toMatchObject({ status: 200 });
    expect(await receiver.receive(delivery({ id: 'b' }))).toMatchObject({ status: 200 });
  });

  test('one that takes too long is answered 503, and its work is found done by the next', async () => {
    const { opened, open } = gate();
    publisher.before = () => opened;
    const receiver = receiverOf({ answerWithinMs: 20 });
    expect(await receiver.receive(delivery({ id: 'a' }))).toMatchObject({ status: 503 });
    open();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await receiver.receive(delivery({ id: 'a' }))).toMatchObject({ status: 200, outcome: 'repeated' });
    expect(publisher.ids).toEqual(['a']);
  });

  test('an event that can never be read is a dead letter with its body, and the source goes on', async () => {
    const receiver = receiverOf();
    expect(await receiver.receive(delivery({ id: 'a', fail: 'providerContract' }))).toMatchObject({
      status: 200,
    });
    expect(publisher.items).toMatchObject([
      {
        type: 'deadLetter',
        deadLetter: { code: 'providerContract', payload: expect.stringContaining('"a"') as string },
      },
    ]);
    expect(await receiver.receive(delivery({ id: 'b' }))).toMatchObject({ status: 200 });
  });
});

/** Resolves once `open()` was called. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
