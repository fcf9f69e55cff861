import { describe, expect, test } from 'vitest';
import { CounterfoilError } from '../engine/domain/index.ts';
import type { Publisher, Translated } from '../engine/domain/index.ts';
import { openSource, parseSource } from '../connectors/open-source.ts';
import { createIngest } from './ingest.ts';

const source = openSource(parseSource('gateway', { connector: 'http-json', account: 'store-dubai' }));
const translators = new Map([
  ['gateway', (payload: { readonly records: readonly unknown[] }) => source.translate(payload)],
]);

function publisher(fail?: CounterfoilError) {
  const published: Translated[] = [];
  const port: Publisher = {
    async publish(_source, items) {
      if (fail !== undefined) throw fail;
      published.push(...items);
    },
    close: async () => undefined,
  };
  return { port, published };
}

const good = { id: 'pay_1', currency: 'AED', amount: '12.30', time: '2026-11-22T10:00:00Z' };

describe('createIngest', () => {
  test('publishes records and dead letters together, and reports the dead ones by place', async () => {
    const { port, published } = publisher();
    const answer = await createIngest(translators, port)('gateway', [
      { ...good, amount: '12,30' },
      good,
      'no object',
      { ...good, id: 'pay_2' },
    ]);
    expect(answer.accepted).toBe(2);
    expect(answer.deadLetters.map(({ index, code }) => [index, code])).toEqual([
      [0, 'invalidAmount'],
      [2, 'invalidRecord'],
    ]);
    expect(published.map(({ type }) => type)).toEqual(['deadLetter', 'record', 'deadLetter', 'record']);
  });

  test('answers nothing before it is published', async () => {
    const { port } = publisher(new CounterfoilError('brokerUnreachable', 'the broker is away'));
    await expect(createIngest(translators, port)('gateway', [good])).rejects.toMatchObject({
      code: 'brokerUnreachable',
    });
  });

  test('names the sources that take posts when asked for another', async () => {
    const { port, published } = publisher();
    await expect(createIngest(translators, port)('bank', [good])).rejects.toMatchObject({
      code: 'unknownSource',
      message: 'no source "bank" takes posts; use gateway, or configure it with connector: http-json',
    });
    await expect(createIngest(new Map(), port)('bank', [good])).rejects.toMatchObject({
      message: 'no source "bank" takes posts; configure one with connector: http-json',
    });
    expect(published).toEqual([]);
  });
});
