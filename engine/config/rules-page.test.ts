import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { reconciliationSchema, feeContractSchema, calendarSchema } from '../domain/index.ts';
import { parseConfig } from './load.ts';
import { rulesJson, toRuleSet } from './rules.ts';

const connectors = { csv: z.strictObject({ path: z.string(), account: z.string().optional() }) };
const page = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((found) => found[1]!);

const directory = mkdtempSync(join(tmpdir(), 'counterfoil-rules-page-'));
writeFileSync(join(directory, 'rates.csv'), 'date,from,to,rate\n2026-11-20,USD,AED,3.6725\n');
afterAll(() => rmSync(directory, { recursive: true }));

const SECTIONS: { readonly [name: string]: string } = {
  sources:
    '{ gateway: { connector: csv, path: g }, wallet: { connector: csv, path: w }, bank: { connector: csv, path: b } }',
  feeContracts: '{ acquirer: { lines: [{ percent: "2.25" }] } }',
  rates: '{ central-bank: { values: [{ date: 2026-11-20, from: USD, to: AED, rate: "3.6725" }] } }',
};
const SIDES: { readonly [name: string]: string } = {
  left: '{ sources: [gateway], fees: acquirer }',
  right: '{ sources: [bank] }',
  window: '{ after: 3d }',
  rules: '[{ name: one, keys: [reference] }]',
};

/** What stands around an example: a rule, a part of a reconciliation, or a section of the file. */
function around(example: string): string {
  const indented = (text: string, by: number): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(by));
  const without = (parts: { readonly [name: string]: string }, by: number): string =>
    Object.entries(parts)
      .filter(([name]) => !new RegExp(`^${name}:`, 'm').test(example))
      .map(([name, value]) => `${' '.repeat(by)}${name}: ${value}\n`)
      .join('');
  if (example.startsWith('- ')) {
    const sides = Object.fromEntries(Object.entries(SIDES).filter(([name]) => name !== 'rules'));
    return `${without(SECTIONS, 0)}reconciliations:\n  - name: r\n${without(sides, 4)}    rules:\n${indented(example, 6)}`;
  }
  if (/^(left|right):/.test(example))
    return `${without(SECTIONS, 0)}reconciliations:\n  - name: r\n${without(SIDES, 4)}${indented(example, 4)}`;
  return without(SECTIONS, 0) + example;
}

describe('the page about rules', () => {
  it.each(examples.map((example) => [example.split('\n').slice(0, 2).join(' '), example]))(
    '%s',
    (_what, example) => {
      const config = parseConfig(around(example), 'rules.md', connectors, { env: {}, directory });
      expect(JSON.parse(rulesJson(toRuleSet(config)))).toEqual(toRuleSet(config));
    },
  );

  it('names every setting of reconciliations, contracts and calendars, in an example', () => {
    const written = examples.join('\n');
    const settings = [
      ...settingsOf(reconciliationSchema),
      ...settingsOf(feeContractSchema),
      ...settingsOf(calendarSchema),
    ];
    expect(settings.length).toBeGreaterThan(50);
    expect(settings.filter((name) => !new RegExp(`\\b${name}:`).test(written))).toEqual([]);
  });
});

/** Names of all settings under a schema. */
function settingsOf(schema: z.core.$ZodType): string[] {
  const names: string[] = [];
  const seen = new Set<z.core.$ZodType>();
  const visit = (of: z.core.$ZodType): void => {
    if (seen.has(of)) return;
    seen.add(of);
    const def = of._zod.def as unknown as { readonly [part: string]: unknown };
    if (def['type'] === 'object') names.push(...Object.keys(def['shape'] as object));
    const inner = [def['in'], def['out'], def['innerType'], def['element'], def['valueType']];
    const options = (def['options'] as unknown[] | undefined) ?? [];
    const members =
      def['type'] === 'object' ? Object.values(def['shape'] as { readonly [name: string]: unknown }) : [];
    for (const each of [...inner, ...options, ...members]) {
      if (typeof each === 'object' && each !== null && '_zod' in each) visit(each as z.core.$ZodType);
    }
  };
  visit(schema);
  return [...new Set(names)];
}
