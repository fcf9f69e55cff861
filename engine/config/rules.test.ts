import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseConfig } from './load.ts';
import { rulesHash, rulesJson, toRuleSet } from './rules.ts';

const connectors = { csv: z.strictObject({ path: z.string() }) };

function hashOf(text: string): string {
  return rulesHash(toRuleSet(parseConfig(text, 'c.yaml', connectors, { env: {}, directory: '/' })));
}

const TEXT = `
sources: { a: { connector: csv, path: x }, b: { connector: csv, path: y } }
reconciliations:
  - { name: r, left: { sources: [a] }, right: { sources: [b] }, window: { after: 1d }, rules: [{ name: one, keys: [reference] }] }
`;

describe('the hash of a rule set', () => {
  it('does not depend on the order of settings, nor on settings that are no rules', () => {
    const shuffled = TEXT.replace('name: r, left: { sources: [a] }', 'left: { sources: [a] }, name: r');
    expect(hashOf(shuffled)).toBe(hashOf(TEXT));
    expect(hashOf(TEXT.replace('path: x', 'path: z'))).toBe(hashOf(TEXT));
    expect(hashOf(`${TEXT}api: { port: 80 }`)).toBe(hashOf(TEXT));
  });

  it('changes with the rules', () => {
    expect(hashOf(TEXT.replace('1d', '2d'))).not.toBe(hashOf(TEXT));
    expect(hashOf(TEXT.replace('path: x', 'path: x, onIdReuse: reject'))).not.toBe(hashOf(TEXT));
    expect(hashOf(`${TEXT}engine: { seenHorizon: forever }`)).not.toBe(hashOf(TEXT));
  });

  it('is of JSON that parses back to the same rule set', () => {
    const rules = toRuleSet(parseConfig(TEXT, 'c.yaml', connectors, { env: {}, directory: '/' }));
    expect(JSON.parse(rulesJson(rules))).toEqual(rules);
  });
});
