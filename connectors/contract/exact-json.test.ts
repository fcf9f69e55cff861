import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactJson } from './exact-json.ts';

describe('JSON with exact numbers', () => {
  it('is what JSON.parse reads, with numbers as their text', () => {
    const asText = (value: unknown): unknown =>
      typeof value === 'number'
        ? JSON.stringify(value)
        : Array.isArray(value)
          ? value.map(asText)
          : typeof value === 'object' && value !== null
            ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asText(each)]))
            : value;
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(undefined, 2), (text, space) => {
        const value: unknown = JSON.parse(text);
        expect(parseExactJson(JSON.stringify(value, undefined, space))).toEqual(asText(value));
      }),
      { numRuns: 1000 },
    );
  });

  it('ends a string where JSON does, however many backslashes stand before a quote', () => {
    const texts = fc.array(fc.constantFrom('\\', '"', '1', '\n', 'x')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(texts), (list) => {
        expect(parseExactJson(JSON.stringify(list))).toEqual(list);
      }),
    );
  });

  it.each(['1 2', '{"a":1.}', '[01]', '[+1]', '[.5]', '[1,]', '{"a":1e}', '[-]', 'nul', '["1', ''])(
    'refuses %s as JSON.parse does',
    (text) => {
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
    },
  );
});
