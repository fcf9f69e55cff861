import { expect, test } from 'vitest';
import { parseDelivery } from './delivery.ts';
import { appendSubject } from './names.ts';
import { DEAD_LETTER_PARTITION } from '../domain/index.ts';

test('reads the delivery of older and newer servers', () => {
  const wanted = { sequence: 7, deliverySequence: 3, timeMs: 1_795_000_000_123 };
  expect(parseDelivery('$JS.ACK.CF_RECORDS_0.abc.1.7.3.1795000000123456789.0')).toEqual(wanted);
  expect(parseDelivery('$JS.ACK.hub.acchash.CF_RECORDS_0.abc.1.7.3.1795000000123456789.0.rnd')).toEqual(
    wanted,
  );
});

test('the last nanosecond of a millisecond stays in it', () => {
  expect(parseDelivery('$JS.ACK.S.c.1.1.1.1795000000123999999.0')?.timeMs).toBe(1_795_000_000_123);
});

test('anything else is no delivery', () => {
  for (const reply of [undefined, '', '_INBOX.abc', '$JS.ACK.S.c.1']) {
    expect(parseDelivery(reply)).toBeUndefined();
  }
});

test('a dead letter is filed under its source, whatever the payload', () => {
  const subject = (text: string): string =>
    appendSubject(DEAD_LETTER_PARTITION, new TextEncoder().encode(text));
  expect(subject('{"source":"stripe-live"}')).toBe('cf.dead.stripe-live');
  expect(subject('{"source":"a.b > *"}')).toBe('cf.dead.a_b____');
  for (const text of ['', '{', 'null', '[]', '{"source":7}', '{"source":""}']) {
    expect(subject(text)).toBe('cf.dead.unknown');
  }
  expect(appendSubject(3, new Uint8Array())).toBe('cf.records.3');
});
