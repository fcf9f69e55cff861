import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseConfig } from './load.ts';
import { toRuleSet } from './rules.ts';
import type { Config } from './schema.ts';

const connectors = { csv: z.strictObject({ path: z.string() }) };

/** A configuration with a table `cb` as it is written, for a rule from dollars to dirhams. */
function parse(table: string): Config {
  const text = `sources: { a: { connector: csv, path: a }, b: { connector: csv, path: b } }
rates: { cb: ${table} }
reconciliations:
  - name: r
    left: { sources: [a] }
    right: { sources: [b] }
    window: { after: 3d }
    rules: [{ name: one, keys: [reference], fx: { from: USD, to: AED, rate: { table: cb } } }]
`;
  return parseConfig(text, 'c.yaml', connectors, { env: { TOKEN: 'abc"def' }, directory: '/' });
}

describe('a source of rates', () => {
  it('has defaults, and secrets in its headers', () => {
    const config = parse(
      `{ source: { url: 'https://rates.example/x?key=1', headers: { authorization: "Bearer \${TOKEN}" } } }`,
    );
    expect(config.rates).toEqual({ cb: [] });
    expect(config.ratesSources['cb']).toEqual({
      url: 'https://rates.example/x?key=1',
      path: undefined,
      headers: { authorization: 'Bearer abc"def' },
      every: 3_600_000,
      timeout: 30_000,
      format: 'csv',
      layout: 'long',
      delimiter: ',',
      items: undefined,
      columns: { date: 'date', from: 'from', to: 'to', rate: 'rate' },
      from: undefined,
      to: undefined,
    });
  });

  it('is a name in the rules, which do not depend on where it is and how it is read', () => {
    const values = 'values: [{ date: 2026-11-20, from: USD, to: AED, rate: "3.6725" }]';
    const [one, other, none] = ['source: { path: x }, ', 'source: { path: y, to: AED, every: 1d }, ', ''].map(
      (source) => toRuleSet(parse(`{ ${source}${values} }`)),
    );
    expect(one!.publishedTables).toEqual(['cb']);
    expect(one!.rates!['cb']).toHaveLength(1);
    expect(other).toEqual(one);
    expect(none).not.toHaveProperty('publishedTables');
  });

  it.each([
    ['{}', 'rates.cb: a table of rates has a path, of a file, or values, or a source'],
    ['{ source: {} }', 'rates.cb.source: a source of rates has either a url or the path of a file'],
    ['{ source: { path: a, url: "https://x" } }', 'rates.cb.source: a source of rates has either'],
    [
      '{ source: { url: "ftp://x" } }',
      'rates.cb.source.url: found "ftp://x", wants an address such as https://',
    ],
    ['{ source: { url: "https://me:secret@x/" } }', 'and no password in it'],
    ['{ source: { url: "https://" } }', 'rates.cb.source.url: found "https://", wants an address'],
    [
      '{ source: { path: a, every: 10ms } }',
      'rates.cb.source.every: found "10ms", wants a duration from 1s to 7d',
    ],
    ['{ source: { path: a, headers: { x: y } } }', 'rates.cb.source.headers: headers go with a url'],
    ['{ source: { url: "https://x", headers: { "a b": y } } }', 'wants the name of a header'],
    [
      '{ source: { url: "https://x", headers: { a: "b\\nc" } } }',
      'rates.cb.source.headers.a: found a value, wants one line',
    ],
    ['{ source: { path: a, items: x } }', 'rates.cb.source.items: only json has items'],
    [
      '{ source: { path: a, format: json, delimiter: ";" } }',
      'rates.cb.source.delimiter: only csv has a delimiter',
    ],
    ['{ source: { path: a, layout: wide } }', 'rates.cb.source: the wide layout has from or to'],
    ['{ source: { path: a, layout: wide, from: USD, to: AED } }', 'the wide layout has from or to'],
    [
      '{ source: { path: a, layout: wide, to: AED, columns: { from: x } } }',
      'rates.cb.source.columns.from: in the wide layout',
    ],
    [
      '{ source: { path: a, layout: wide, to: AED, columns: { rate: x } } }',
      'rates.cb.source.columns.rate: in the wide layout',
    ],
    [
      '{ source: { path: a, to: AED, columns: { to: x } } }',
      'rates.cb.source.columns.to: to is one currency, AED; leave one',
    ],
    ['{ source: { path: a, to: KWD } }', 'rates "cb" has none from USD to AED'],
    ['{ source: { path: a, evry: 1h } }', 'rates.cb.source.evry: unknown setting; did you mean "every"?'],
  ])('%s is told', (table, expected) => {
    expect(() => parse(table)).toThrow(expected);
  });
});
