import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { KEY_FIELDS, keyText } from '../domain/index.ts';
import type { FieldExpression, MoneyRecord, Normaliser } from '../domain/index.ts';
import { aRecord } from '../testing/a-record.ts';
import { recordArbitrary } from '../testing/record-arbitrary.ts';
import { Calendars } from './business-days.ts';
import { compileExpression } from './expression.ts';
import { fieldsOf } from './record-fields.ts';
import { compileCapture } from './regular-expression.ts';

const calendars = new Calendars(undefined);

function record(reference: string): MoneyRecord {
  return aRecord({ id: 'x', references: { reference } });
}

/** The texts of a reference after those steps. */
function after(reference: string, ...normalise: Normaliser[]): readonly string[] {
  return compileExpression(
    { field: 'references.reference', normalise },
    calendars,
  )(fieldsOf(record(reference)));
}

describe('a normaliser', () => {
  it.each<[string, Normaliser[], string, string[]]>([
    ['trim', ['trim'], '  A 1\u00a0', ['A 1']],
    ['upper', ['upper'], 'straße i', ['STRASSE I']],
    ['lower', ['lower'], 'ORD-7', ['ord-7']],
    ['digits', ['digits'], 'INV-00٣12/7', ['00127']],
    ['stripLeadingZeros', ['stripLeadingZeros'], '00120', ['120']],
    ['stripLeadingZeros of zeros', ['stripLeadingZeros'], '000', []],
    ['prefix', [{ prefix: 3 }], 'ABCDEF', ['ABC']],
    ['prefix of a short text', [{ prefix: 3 }], 'AB', ['AB']],
    ['prefix by characters', [{ prefix: 2 }], '🧾💸x', ['🧾💸']],
    ['suffix', [{ suffix: 4 }], '411111XXXXXX1234', ['1234']],
    ['suffix by characters', [{ suffix: 2 }], 'x🧾💸', ['🧾💸']],
    ['suffix with a lone surrogate', [{ suffix: 1 }], 'a\udca9', ['\udca9']],
    ['capture', [{ capture: 'ORD-(\\d+)' }], 'PAY ORD-17 ORD-18', ['17']],
    ['capture of nothing', [{ capture: 'ORD-(\\d*)' }], 'ORD-', []],
    ['capture that misses', [{ capture: 'ORD-(\\d+)' }], 'PAY', []],
    ['capture that leaves its group out', [{ capture: 'a(b)?' }], 'ac', []],
    ['captureAll', [{ captureAll: '(\\d{4})' }], 'NGENIUS 1001/1002 1001', ['1001', '1002']],
    ['captureAll that misses', [{ captureAll: '(\\d{4})' }], 'NGENIUS', []],
    ['steps in their order', ['digits', { suffix: 3 }, 'stripLeadingZeros'], 'A1-0-0-7', ['7']],
    ['steps in another order', [{ suffix: 3 }, 'digits', 'stripLeadingZeros'], 'A1-0-0-7', ['7']],
    [
      'steps after captureAll',
      [{ captureAll: '#(\\w+)' }, 'lower', { prefix: 2 }],
      '#AB1 #ab2 #cd #_',
      ['ab', 'cd', '_'],
    ],
    ['steps that empty a capture', [{ captureAll: '#(\\w+)' }, 'digits'], '#a #1', ['1']],
  ])('%s', (_what, steps, text, expected) => {
    expect(after(text, ...steps)).toEqual(expected);
  });

  it('captures at the first 64 places', () => {
    const numbers = Array.from({ length: 100 }, (_, i) => `#${i}`).join(' ');
    expect(after(numbers, { captureAll: '#(\\d+)' })).toHaveLength(64);
    expect(after(`${'a'.repeat(63)}bc`, { captureAll: '(.)' })).toEqual(['a', 'b']);
  });
});

describe('a field alone', () => {
  test.prop([recordArbitrary])('has the text by which keys are compared everywhere else', (of) => {
    const named = [...Object.keys(of.references)].map((name) => `references.${name}` as const);
    for (const field of [...KEY_FIELDS, 'references.a', 'attributes.constructor', ...named] as const) {
      const text = keyText(of, field);
      expect(fieldsOf(of).text(field)).toBe(text);
      expect(compileExpression(field, calendars)(fieldsOf(of))).toEqual(text === '' ? [] : [text]);
    }
    expect(fieldsOf(of).text('source')).toBe(of.source);
  });
});

describe('a regular expression', () => {
  it.each([
    ['(?=a)(b)', 'look-ahead and look-behind cannot run in linear time and are not supported'],
    ['(?<!a)(b)', 'look-ahead and look-behind cannot run in linear time and are not supported'],
    ['(a)\\1', 'back references cannot run in linear time and are not supported'],
    ['ORD-\\d+', 'it has no group: put ( ) around what to capture'],
    ['(a)(b)', 'it has 2 groups and wants one: write (?: ) where nothing is captured'],
    ['(a', 'missing closing )'],
    ['([z-a])', 'invalid character class range'],
    ['((?:a{1,1000}){1000})', 'expression too large'],
    ['((?:\\pL{1,500}){2})', 'it compiles to 2002 steps, at most 500: make its repetitions smaller'],
  ])('%s is refused', (pattern, reason) => {
    expect(() => compileCapture(pattern)).toThrow(reason);
    expect(() => compileCapture(pattern)).toThrow(/^regular expression ".*" is refused: [^\n]*$/);
  });

  it('may have a name for its group, flags and groups that capture nothing', () => {
    expect(compileCapture('(?i)(?:ord|inv)-(?P<number>\\d+)').first('x Inv-9')).toBe('9');
  });

  it.each(['(a+)+$', '(?:a|aa)+(b)', '(.*.*.*x)', '((?:a?){50}a{50}b)', '(\\w+\\s?)+!', '(?:.*a){20}(x)'])(
    '%s ends soon on a long text',
    (pattern) => {
      const { first, all } = compileCapture(pattern);
      const text = 'a'.repeat(100_000);
      const start = performance.now();
      first(text);
      all(text);
      first(`${text}!`);
      // Linear: milliseconds. What backtracks would take longer than the universe.
      expect(performance.now() - start).toBeLessThan(2000);
    },
  );

  const pattern = fc.stringMatching(/^[a-c(|)*+?.[\]{}0-9,\\dws^$-]{1,24}$/);
  test.prop([pattern, fc.string({ unit: fc.constantFrom('a', 'b', '1', ' '), maxLength: 300 })], {
    numRuns: 300,
  })('compiles or says why not, and never throws on a text', (written, text) => {
    let capture;
    try {
      capture = compileCapture(written);
    } catch (error) {
      expect((error as Error).message).toMatch(/^regular expression .+ is refused: .+$/);
      return;
    }
    const all = capture.all(text);
    expect(capture.first(text) === undefined || all[0] === capture.first(text)).toBe(true);
  });
});

it('an expression that names what does not exist is refused', () => {
  const settleDate = { of: 'time', cutoff: 0, zone: 'UTC', lag: { ms: 0 }, calendar: [] } as const;
  const compile = (expression: FieldExpression) => () => compileExpression(expression, calendars);
  expect(compile({ settleDate: { ...settleDate, calendar: ['none'] } })).toThrow(/"none" is not defined/);
  expect(compile({ settleDate: { ...settleDate, zone: 'Mars' } })).toThrow(/"Mars" is not an IANA time zone/);
});
