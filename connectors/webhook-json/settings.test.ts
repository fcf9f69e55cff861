import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseSource } from '../open-source.ts';
import { parsePath, valueAt } from '../mapping/index.ts';
import { webhookJsonSettings } from './settings.ts';

const SIGNATURE = { header: 'x-signature' };
const GOOD = {
  secrets: 'a-secret-value',
  signature: SIGNATURE,
  fields: { id: 'id', amount: 'amount', currency: 'currency', time: 'time' },
};

test('settings that say the least are read, with defaults', () => {
  expect(webhookJsonSettings.parse(GOOD)).toMatchObject({
    signature: { algorithm: 'sha256', encoding: 'hex', payload: [{ type: 'body' }] },
    amountIn: 'major',
    times: {},
    kind: 'ledger',
    onIdReuse: 'reject',
  });
});

test.each<[string, { readonly [setting: string]: unknown }, RegExp]>([
  ['an unknown setting', { paths: {} }, /paths/],
  ['no secret', { secrets: undefined }, /secret is wanted/],
  ['neither signature nor secret header', { signature: undefined }, /how a sender is proven/],
  ['both', { secretHeader: { header: 'x-secret' } }, /how a sender is proven/],
  ['a template without the body', { signature: { ...SIGNATURE, payload: '{timestamp}' } }, /\{body\} once/],
  [
    'a template with other braces',
    { signature: { ...SIGNATURE, payload: '{body}{url}' } },
    /no other braces/,
  ],
  [
    'a timestamp from nowhere',
    { signature: { ...SIGNATURE, payload: '{timestamp}.{body}' } },
    /which key or header/,
  ],
  [
    'a timestamp that is not signed',
    { signature: { ...SIGNATURE, timestamp: { header: 'x-time' } } },
    /proves nothing/,
  ],
  [
    'a timestamp in two places',
    {
      signature: {
        ...SIGNATURE,
        key: 'v1',
        payload: '{timestamp}{body}',
        timestamp: { key: 't', header: 'x-t' },
      },
    },
    /set one of them/,
  ],
  [
    'two values side by side',
    { signature: { ...SIGNATURE, payload: '{header.a}{header.b}{body}' } },
    /nothing between them/,
  ],
  ['a secret that is no key', { signature: { ...SIGNATURE, secretEncoding: 'hex' } }, /one is no key/],
  ['a secret without its prefix', { signature: { ...SIGNATURE, secretPrefix: 'whsec_' } }, /one is no key/],
  ['an unknown algorithm', { signature: { ...SIGNATURE, algorithm: 'md5' } }, /algorithm/],
  ['an unknown field', { fields: { ...GOOD.fields, amonut: 'x' } }, /fields\.amonut/],
  ['a path that is none', { fields: { ...GOOD.fields, fee: 'a..b' } }, /wants a path/],
  ['no amount', { fields: { id: 'id', time: 'time', currency: 'c' } }, /no path for amount/],
  ['no currency', { fields: { id: 'id', time: 'time', amount: 'a' } }, /no path for currency/],
  ['an id for all', { constants: { id: 'x' } }, /each record's own/],
  ['a field twice', { constants: { currency: 'AED' } }, /leave one out/],
  [
    'several paths of a kind',
    { fields: { ...GOOD.fields, kind: ['a', 'b'] } },
    /only those of an id or a time are joined/,
  ],
  ['ignored types from nowhere', { ignore: ['ping'] }, /eventType/],
  ['a star within', { eventType: 'type', ignore: ['a*b'] }, /star at the end/],
  ['amendments without a version', { amends: 'version' }, /no path for version/],
  [
    'a word that adds and subtracts',
    { direction: { path: 'type', adds: ['a', 'b'], subtracts: ['b'] } },
    /both adds and subtracts/,
  ],
  ['a kind that is none', { kinds: { payment: 'payment' } }, /kinds/],
])('%s is refused', (_, part, message) => {
  const result = webhookJsonSettings.safeParse({ ...GOOD, ...part });
  const told =
    result.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') ?? '';
  expect(told).toMatch(message);
  expect(told).not.toContain('a-secret-value');
});

test('the example in the documentation is read', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const yaml = /## webhook-json[^]*?```yaml\n([^]*?)```/.exec(readme)![1]!;
  const { gateway } = parse(yaml) as { gateway: { connector: string } };
  expect(parseSource('gateway', gateway).settings).toMatchObject({
    signature: { key: 'v1', timestamp: { key: 't', tolerance: 300_000, futureTolerance: 60_000 } },
    ignore: ['ping', 'customer.*'],
    direction: { subtracts: ['payment.refunded'] },
  });
});

describe('a path', () => {
  const body = { a: [{ b: 'x' }, { b: 0, 'c-d': false }], n: null, length: 'own' };

  test.each<[string, unknown]>([
    ['a[0].b', 'x'],
    ['a.1.b', 0],
    ['a[1].c-d', false],
    ['$', body],
    ['$.a[0].b', 'x'],
    ['a[2].b', undefined],
    ['a.length', undefined],
    ['length', 'own'],
    ['n', undefined],
    ['n.x', undefined],
    ['toString', undefined],
    ['__proto__', undefined],
    ['a[0].b.length', undefined],
  ])('%s leads to %j', (text, value) => {
    expect(valueAt(parsePath(text)!, body)).toEqual(value);
  });

  test('starts at the record, or with $ at the body', () => {
    const record = { id: 'own' };
    expect(valueAt(parsePath('id')!, { id: 'body' }, record)).toBe('own');
    expect(valueAt(parsePath('$.id')!, { id: 'body' }, record)).toBe('body');
    expect(valueAt(parsePath('$[0].id')!, [{ id: 'first' }], record)).toBe('first');
  });

  test.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'a[',
    'a[]',
    'a[x]',
    'a]b',
    'a[0]b',
    '$.',
    '$..a',
    'a'.repeat(513),
  ])('%j is none', (text) => {
    expect(parsePath(text)).toBeUndefined();
  });
});
