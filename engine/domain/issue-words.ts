import type { z } from 'zod';
import { didYouMean } from './suggest.ts';

/** Something that a schema found wrong. */
export type AnyIssue = z.core.$ZodIssue;

/** Characters of a text that is shown. */
const MAX_SHOWN = 60;

/** A value as a message may show it: short and on one line; undefined where there is none. */
export function shownValue(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string')
    return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value);
  return JSON.stringify(value);
}

/** The value at a path; undefined where there is none. */
export function valueAt(plain: unknown, path: readonly PropertyKey[]): unknown {
  let value = plain;
  for (const segment of path)
    value = (value as { [key: PropertyKey]: unknown } | null | undefined)?.[segment];
  return value;
}

/** Issues without the echoes of another: what is no list at all is not too long a list besides. */
export function withoutEchoes(issues: readonly AnyIssue[]): AnyIssue[] {
  const ofAnotherType = new Set<string>();
  return issues.filter(({ code, path }) => {
    const key = JSON.stringify(path);
    if (ofAnotherType.has(key)) return false;
    if (code === 'invalid_type') ofAnotherType.add(key);
    return true;
  });
}

const WANTED: { readonly [expected: string]: string } = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of settings',
  record: 'a map of names',
  array: 'a list',
};

/**
 * What is wrong, in one line: what was found and what is wanted.
 * @param shown the value found, as it may be shown; undefined when there is none
 */
export function describeIssue(issue: AnyIssue, shown: string | undefined): string {
  const found = shown === undefined ? 'is missing' : `found ${shown}`;
  if (issue.code === 'custom' && !issue.message.startsWith('wants ')) return oneLine(issue.message);
  const wanted = issue.message !== '' ? issue.message : wantedBy(issue, shown);
  return oneLine(wanted.startsWith('wants ') ? `${found}, ${wanted}` : `${found}; ${wanted}`);
}

function wantedBy(issue: AnyIssue, shown: string | undefined): string {
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = `wants ${WANTED[issue.expected] ?? issue.expected}`;
      if (issue.expected === 'string' && /^(-?[\d.]+|true|false)$/.test(shown ?? ''))
        return `${wanted}: put it in quotes, "${shown!}"`;
      const quoted = /^"(-?\d+(\.\d+)?)"$/.exec(shown ?? '');
      if (quoted !== null && (issue.expected === 'number' || issue.expected === 'int'))
        return `${wanted}: write it without quotes, ${quoted[1]!}`;
      return wanted;
    }
    case 'invalid_value':
      return wantedOf(issue.values, shown);
    case 'too_small':
      return `wants at least ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `wants at most ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case 'invalid_union':
      // No form is told by what the value says it is.
      if (issue.inclusive !== false && issue.options !== undefined) return wantedOf(issue.options, shown);
      return `wants ${unionOf(issue.errors, shown)}`;
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.map((inner) => inner.message || wantedBy(inner, shown)).join('; ');
    case 'invalid_format':
      return `wants ${issue.format === 'regex' ? `text of the form ${issue.pattern ?? ''}` : `a valid ${issue.format}`}`;
    case 'unrecognized_keys':
      return `wants no ${issue.keys.join(', ').slice(0, 200)}`;
    case 'not_multiple_of':
      return `wants a multiple of ${issue.divisor}`;
    default:
      return 'wants another value';
  }
}

/** `wants one of amount, fee`, and which one is near. */
function wantedOf(values: readonly unknown[], shown: string | undefined): string {
  const known = values.map(String);
  const near = shown?.startsWith('"') === true ? didYouMean(shown.slice(1, -1), known) : '';
  return `wants ${known.length === 1 ? '' : 'one of '}${known.join(', ')}${near}`;
}

function unionOf(branches: readonly (readonly AnyIssue[])[], shown: string | undefined): string {
  const wanted = branches.flatMap((branch) => {
    const first = branch[0];
    if (first === undefined) return [];
    return [(first.message || wantedBy(first, shown)).replace(/^wants /, '')];
  });
  return [...new Set(wanted)].join(', or ');
}

function unitOf(origin: string, count: number | bigint): string {
  const several = Number(count) !== 1;
  if (origin === 'string') return several ? ' characters' : ' character';
  if (origin !== 'array' && origin !== 'set' && origin !== 'map') return '';
  return several ? ' entries' : ' entry';
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}
