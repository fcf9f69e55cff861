import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CounterfoilError } from '../domain/index.ts';
import { loadConfig, parseConfig } from './load.ts';
import type { Config } from './schema.ts';

const connectors = {
  csv: z.strictObject({ path: z.string(), account: z.string().default('default') }),
  hook: z.strictObject({ secret: z.string(), onIdReuse: z.enum(['accept', 'reject']).default('reject') }),
};

const BASE = `sources:
  gateway: { connector: csv, path: gateway.csv }
  bank:    { connector: csv, path: bank.csv }
reconciliations:
  - name: gateway-to-bank
    left:   { sources: [gateway] }
    right:  { sources: [bank] }
    window: { before: 1h, after: 3d, grace: 0s }
    rules:
      - { name: by-reference, keys: [reference, currency], tolerance: { amount: "0.50" } }
`;

function parse(text: string, env: { [name: string]: string } = {}): Config {
  return parseConfig(text, 'c.yaml', connectors, { env, directory: '/' });
}

/** The lines of the error that `text` gives. */
function lines(text: string, env: { [name: string]: string } = {}): string[] {
  try {
    parse(text, env);
  } catch (error) {
    expect(error).toBeInstanceOf(CounterfoilError);
    expect((error as CounterfoilError).code).toBe('invalidConfig');
    return (error as Error).message.split('\n');
  }
  throw new Error('the configuration was accepted');
}

describe('a configuration', () => {
  it('is read with its defaults', () => {
    const config = parse(BASE);
    expect(config.partitions).toBe(16);
    expect(config.partitionBy).toEqual(['account']);
    expect(config.engine.shards).toBeLessThanOrEqual(16);
    expect(config.engine.seenHorizon).toBe(7 * 86_400_000);
    expect(config.store).toMatchObject({ url: 'embedded', database: 'counterfoil' });
    expect(config.api).toEqual({ host: '127.0.0.1', port: 0 });
    expect(config.stream).toMatchObject({ keep: 7 * 86_400_000, maxBytes: 4 * 1024 ** 3 });
    expect(config.sources[0]).toEqual({
      name: 'gateway',
      connector: 'csv',
      outOfOrder: 0,
      idleTimeout: 60_000,
      onIdReuse: 'accept',
      settings: { path: 'gateway.csv', account: 'default' },
    });
    expect(config.reconciliations[0]).toMatchObject({
      window: { before: 3_600_000, after: 259_200_000, grace: 0 },
      rules: [{ keys: ['references.reference', 'currency'] }],
    });
  });

  it('keeps sources in the order of the file, names that look like numbers too', () => {
    const config = parse(
      'sources: { zeta: {connector: csv, path: a}, "10": {connector: csv, path: b}, "2": {connector: csv, path: c} }',
    );
    expect(config.sources.map((source) => source.name)).toEqual(['zeta', '10', '2']);
  });

  it('takes the default that a connector gives a common setting, and what the file says over it', () => {
    const config = parse(
      'sources: { a: {connector: hook, secret: x}, b: {connector: hook, secret: x, onIdReuse: accept, outOfOrder: 5m} }',
    );
    expect(config.sources.map((source) => [source.onIdReuse, source.outOfOrder])).toEqual([
      ['reject', 0],
      ['accept', 300_000],
    ]);
  });

  it('accepts an empty file', () => {
    expect(parse('').sources).toEqual([]);
  });
});

describe('an error line', () => {
  it.each([
    ['an unknown setting', `${BASE}windwo: 3`, 'c.yaml:11:1: windwo: unknown setting'],
    [
      'an unknown setting with a near name',
      `${BASE}partitons: 3`,
      'partitons: unknown setting; did you mean "partitions"?',
    ],
    [
      'a setting with a name in which something does not show',
      `${BASE}"\u2028partitions": 3`,
      'c.yaml:11:1: \\u2028partitions: unknown setting; did you mean "partitions"?',
    ],
    [
      'a setting with a name that begins with a space',
      `${BASE}" partitions": 3`,
      'c.yaml:11:1: " partitions": unknown setting; did you mean "partitions"?',
    ],
    [
      'an unknown setting of a connector',
      BASE.replace('path: bank.csv', 'path: bank.csv, acount: x'),
      'c.yaml:3:46: sources.bank.acount: unknown setting; did you mean "account"?',
    ],
    [
      'an unknown connector',
      BASE.replace('connector: csv, path: bank', 'connector: cvs, path: bank'),
      'c.yaml:3:25: sources.bank.connector: unknown connector "cvs", wants one of csv, hook; did you mean "csv"?',
    ],
    [
      'a missing setting',
      BASE.replace(', path: bank.csv', ''),
      'c.yaml:3:12: sources.bank.path: is missing, wants text',
    ],
    [
      'a number where text is wanted',
      BASE.replace('path: bank.csv', 'path: 7'),
      'c.yaml:3:36: sources.bank.path: found 7, wants text: put it in quotes, "7"',
    ],
    [
      'a negative window',
      BASE.replace('after: 3d', 'after: -3d'),
      'c.yaml:8:34: reconciliations[0].window.after: "-3d" is not a duration ≥ 0 such as 500ms, 30s, 15m, 1h, 3d or 2w',
    ],
    [
      'a tolerance that is a float',
      BASE.replace('"0.50"', '0.50'),
      'reconciliations[0].rules[0].tolerance.amount: rule "by-reference": found 0.5, wants text: put it in quotes, "0.5", or a map of names',
    ],
    [
      'an unknown key field',
      BASE.replace('[reference, currency]', '[refernce]'),
      'c.yaml:10:38: reconciliations[0].rules[0].keys[0]: rule "by-reference": "refernce" is not a field of a record; did you mean "reference"? (there are reference, references.<name>,',
    ],
    [
      'an unknown source',
      BASE.replace('sources: [bank]', 'sources: [banc]'),
      'c.yaml:7:25: reconciliations[0].right.sources[0]: unknown source "banc"; did you mean "bank"? (configured are gateway, bank)',
    ],
    [
      'a key that stands twice',
      'sources: {}\nsources: {}\n',
      'c.yaml:2:1: this key stands here twice; keep one',
    ],
    [
      'text that begins with *',
      BASE.replace('path: bank.csv', 'path: *bank.csv'),
      'c.yaml:3:36: "*bank.csv" stands for what "&bank.csv" marks, and nothing is so marked; put text that begins with * in quotes',
    ],
    [
      'an alias for what it is in',
      'sources: &all { a: *all }\n',
      'c.yaml:1:20: "*all" stands for a part of the file that it is in itself',
    ],
    ['a key that is a list', '[a, b]: 1\n', 'c.yaml:1:1: a map or list cannot be the name of a setting'],
    [
      'a name without end',
      `${'x'.repeat(500)}: 1\n`,
      `c.yaml:1:1: ${'x'.repeat(100)}…: unknown setting; known here are dataDir`,
    ],
    [
      'aliases of aliases',
      `commands:\n${Array.from(
        { length: 9 },
        (_, i) =>
          `  - &a${i} [${Array(9)
            .fill(i === 0 ? 'x' : `*a${i - 1}`)
            .join(', ')}]\n`,
      ).join('')}`,
      'c.yaml:1:1: Excessive alias count',
    ],
    ['broken YAML', 'sources: [\n', 'c.yaml:2:1: '],
    [
      'a name that is no name',
      BASE.replace('  bank: ', '  "ba nk": '),
      'c.yaml:3:3: sources.ba nk: found a map; a name is 1 to 64 letters',
    ],
    [
      'more shards than partitions',
      `${BASE}partitions: 2\nengine: { shards: 3 }\n`,
      'c.yaml:12:19: engine.shards: 3 shards share 2 partitions; wants at most one shard per partition',
    ],
    [
      'a size without a unit',
      `${BASE}stream: { maxBytes: "12" }`,
      'stream.maxBytes: found "12", wants a size from 1MiB',
    ],
    [
      'a port that is none',
      `${BASE}api: { port: 70000 }`,
      'api.port: found 70000, wants a whole number from 0 to 65535',
    ],
    ['a list instead of a map', '- 1\n- 2\n', 'c.yaml:1:1: found a list, wants a map of settings'],
    [
      'nothing after the colon',
      `${BASE}api:\n`,
      'api: found nothing after the colon, wants a map of settings',
    ],
    [
      'a rule that leaves the partition open',
      `${BASE}partitionBy: [account, references.order]\n`,
      'reconciliations[0].rules[0].keys: rule "by-reference" of "gateway-to-bank" has no key "references.order", but partitionBy has it',
    ],
    [
      'one pool for two sides',
      BASE.replace('sources: [gateway] }', 'sources: [gateway], pool: p }').replace(
        '[bank] }',
        '[bank], pool: p }',
      ),
      'c.yaml:7:38: reconciliations[0].right.pool: pool "p" is that of both sides; a record cannot match itself',
    ],
    [
      'a source twice on one side',
      BASE.replace('sources: [bank]', 'sources: [bank, bank]'),
      'reconciliations[0].right.sources[1]: source "bank" is listed twice; name it once',
    ],
    [
      'a currency that does not exist',
      BASE.replace('amount: "0.50"', 'amount: { AED: "0.50", XYZ: "1" }'),
      'tolerance.amount.XYZ: rule "by-reference" of "gateway-to-bank": "XYZ" is not an ISO 4217 currency code',
    ],
    [
      'a password without a user',
      `${BASE}store: { url: "http://db:8123", password: hush }`,
      'store.password: a password needs store.username',
    ],
    [
      'a retention that is too short',
      `${BASE}store: { retainYears: 3 }`,
      'store.retainYears: 3 years are fewer than the 5 that UAE rules ask for',
    ],
    [
      'two brokers',
      `${BASE}stream: { url: "nats://a:4222", dataDir: x }`,
      'stream.dataDir: belongs to the nats-server that Counterfoil starts',
    ],
  ])('tells of %s', (_what, text, expected) => {
    const found = lines(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it('stands for each thing that is wrong', () => {
    const found = lines(BASE.replace('after: 3d', 'after: x').replace('path: bank.csv', 'pth: bank.csv'));
    expect(found).toHaveLength(3);
    expect(found.map((line) => line.split(': ')[1]).sort()).toEqual([
      'reconciliations[0].window.after',
      'sources.bank.path',
      'sources.bank.pth',
    ]);
  });

  it('tells of two reconciliations of one name', () => {
    const second = BASE.slice(BASE.indexOf('  - name'));
    expect(lines(BASE + second)).toEqual([
      'c.yaml:11:11: reconciliations[1].name: reconciliation "gateway-to-bank" is defined twice (also at reconciliations[0]); give one another name',
    ]);
  });
});

describe('substitution', () => {
  const store = 'store: { url: "http://db:8123", username: u, password: "${DB_PASSWORD}" }\n';

  it('takes environment variables, and leaves $${ alone', () => {
    expect(parse(store, { DB_PASSWORD: 'hush' }).store.password).toBe('hush');
    expect(parse(store.replace('${DB', '$$$${DB')).store.password).toBe('${DB_PASSWORD}');
    expect(parse('api:\n  port: ${PORT}\n', { PORT: '8080' }).api.port).toBe(8080);
  });

  it('tells which variable is missing, and where', () => {
    expect(lines(store)).toEqual([
      'c.yaml:1:56: environment variable DB_PASSWORD is not set; set it before starting',
    ]);
    expect(lines('api: { host: ${HOST} }')).toEqual([
      'c.yaml:1:15: inside { } or [ ] a "${…}" needs quotes around it',
    ]);
    expect(lines('api: { host: "${HOST" }')[0]).toContain('is never closed');
    expect(lines('api: { host: "${a b}" }')[0]).toContain('neither ${NAME} nor ${file:/path}');
  });

  it('never shows a secret in an error', () => {
    const found = lines('sources: { s: { connector: hook, secret: { a: "${S}" } } }', { S: 'hush' });
    expect(found[0]).toContain('sources.s.secret');
    expect(lines('store: { database: "${S}" }', { S: 'hu sh' }).join()).not.toContain('hu sh');
    expect(lines('store: { retainYears: hush, password: 3 }').join()).toContain(
      'store.password: found a value',
    );
  });

  it('reads files relative to the configuration', () => {
    const directory = mkdtempSync(join(tmpdir(), 'counterfoil-config-'));
    try {
      writeFileSync(join(directory, 'secret.txt'), 'hush\n');
      writeFileSync(join(directory, 'c.yaml'), store.replace('${DB_PASSWORD}', '${file:secret.txt}'));
      const { config } = loadConfig(join(directory, 'c.yaml'), connectors);
      expect(config.store.password).toBe('hush');
      expect(config.dataDir).toBe(join(directory, '.counterfoil/data'));
      writeFileSync(join(directory, 'c.yaml'), store.replace('${DB_PASSWORD}', '${file:none.txt}'));
      expect(() => loadConfig(join(directory, 'c.yaml'), connectors)).toThrow(
        /c\.yaml:1:56: file none\.txt does not exist/,
      );
      expect(() => loadConfig(join(directory, 'none.yaml'), connectors)).toThrow(
        /none\.yaml: there is no such file/,
      );
      expect(() => loadConfig(directory, connectors)).toThrow(/is a directory; name the YAML file in it/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
