import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseConfig } from './load.ts';
import type { Config } from './schema.ts';

const connectors = { csv: z.strictObject({ path: z.string() }) };

const TEXT = `sources: { a: { connector: csv, path: a }, b: { connector: csv, path: b } }
rates: { cb: { path: rates.csv } }
reconciliations:
  - name: r
    left: { sources: [a] }
    right: { sources: [b] }
    window: { after: 3d }
    rules: [{ name: one, keys: [reference], fx: { from: USD, to: AED, rate: { table: cb } } }]
`;

function parse(directory: string): Config {
  return parseConfig(TEXT, 'c.yaml', connectors, { env: {}, directory });
}

/** The lines of the error that the file of rates in `directory` gives. */
function lines(directory: string): string[] {
  try {
    parse(directory);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  throw new Error('the configuration was accepted');
}

describe('a file of rates', () => {
  function inFolder(rates: string, run: (directory: string) => void): void {
    const directory = mkdtempSync(join(tmpdir(), 'counterfoil-rates-'));
    try {
      writeFileSync(join(directory, 'rates.csv'), rates);
      run(directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }
  it('is read relative to the configuration, whatever the order of its columns', () => {
    const csv = '\uFEFFfrom,to,rate,date\r\nUSD,AED,3.6725,2026-11-20\r\n"EUR", AED ,4.2,2026-11-20\r\n\r\n';
    inFolder(csv, (directory) => {
      const config = parse(directory);
      expect(config.rates['cb']).toEqual([
        { from: 'USD', to: 'AED', rate: '3.6725', date: '2026-11-20' },
        { from: 'EUR', to: 'AED', rate: '4.2', date: '2026-11-20' },
      ]);
    });
  });

  it.each([
    [
      'date,from,to\n',
      'rates.cb.path: rates.csv:1: the heading has no rate; it names the columns date, from, to and rate',
    ],
    ['date,from,to,rate\n2026-11-20,USD,AED\n', 'rates.csv:2: has 3 columns and the heading 4'],
    ['date,from,to,rate\n2026-11-31,USD,AED,1\n', 'rates.csv:2: date "2026-11-31": wants a day that exists'],
    ['date,from,to,rate\n2026-11-30,USD,AED,0\n', 'rates.csv:2: rate "0": a rate is more than 0'],
    ['date,from,to,rate\n2026-11-30,USD,AED,"3,6"\n', 'rates.csv:2: has 5 columns and the heading 4'],
    [
      'date,from,to,rate\n2026-11-30,USD,AED,1e3\n',
      'rates.csv:2: rate "1e3": wants a decimal such as 3.6725',
    ],
    [
      'date,from,to,rate\n\n2026-11-30,USD,AED,1\n2026-11-30,USD,AED,1\n',
      'rates.csv:4: a rate of USD in AED on 2026-11-30 stands on line 3 already; keep one',
    ],
  ])('tells what is wrong in %j', (csv, expected) => {
    inFolder(csv, (directory) => {
      const found = lines(directory);
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(expected);
    });
  });
});
