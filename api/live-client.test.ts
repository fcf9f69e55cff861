import { describe, expect, test } from 'vitest';
import { LIVE_EVENT_TYPES, LiveClient, encodeEvent } from './live-client.ts';

function clientWith(limits: { readonly events: number; readonly bytes: number }) {
  let closed = 0;
  let told = 0;
  const client = new LiveClient({
    filter: { types: new Set(LIVE_EVENT_TYPES) },
    limits,
    disconnect: () => undefined,
    onClose: () => closed++,
    onMissed: (count) => (told += count),
  });
  return { client, reader: client.stream.getReader(), closed: () => closed, told: () => told };
}

async function take(reader: ReadableStreamDefaultReader<Uint8Array>) {
  const { value, done } = await reader.read();
  const text = done ? '' : new TextDecoder().decode(value);
  return {
    done,
    bytes: value?.byteLength ?? 0,
    text,
    matches: text.split('event: match').length - 1,
    missed: Number(/"missed":(\d+)/.exec(text)?.[1] ?? 0),
  };
}

const event = (n: number) => encodeEvent('match', { n, filler: 'x'.repeat(1000) });

describe('the backlog of a client that does not read', () => {
  test.each([
    ['events', { events: 50, bytes: 1_000_000 }],
    ['bytes', { events: 100_000, bytes: 50_000 }],
  ])('is bounded in %s; every event is either kept or counted', async (_what, limits) => {
    const { client, reader, told } = clientWith(limits);
    const total = 10_000;
    for (let n = 0; n < total; n++) client.push(event(n));
    const first = await take(reader);
    const gap = 300;
    expect(first.bytes).toBeLessThanOrEqual(limits.bytes + gap);
    expect(first.matches).toBeLessThanOrEqual(limits.events);
    expect(first.matches).toBeGreaterThan(10);
    expect(first.matches + first.missed).toBe(total);
    expect(told()).toBe(first.missed);
    // The gap stands behind what came before it, and what comes after it is sent again.
    expect(first.text.indexOf('event: gap')).toBeGreaterThan(first.text.lastIndexOf('event: match'));
    client.push(event(total));
    expect(await take(reader)).toMatchObject({ matches: 1, missed: 0 });
  });

  test('says since when it waits, until the client takes it', async () => {
    const { client, reader } = clientWith({ events: 10, bytes: 100_000 });
    expect(client.waitingSince).toBeUndefined();
    client.push(event(1));
    expect(client.waitingSince).toBeTypeOf('number');
    await take(reader);
    expect(client.waitingSince).toBeUndefined();
  });

  test('a reader that waits gets each event at once', async () => {
    const { client, reader } = clientWith({ events: 10, bytes: 100_000 });
    await take(reader);
    const waiting = take(reader);
    client.push(event(1));
    expect((await waiting).matches).toBe(1);
    expect(client.waitingSince).toBeUndefined();
  });

  test('closing ends the stream; cancelling is reported once and takes no more', async () => {
    const one = clientWith({ events: 10, bytes: 100_000 });
    one.client.close();
    expect((await take(one.reader)).done).toBe(true);
    const two = clientWith({ events: 10, bytes: 100_000 });
    await two.reader.cancel();
    two.client.push(event(1));
    two.client.miss(3);
    two.client.close();
    expect(two.closed()).toBe(1);
    expect(two.told()).toBe(0);
  });
});
