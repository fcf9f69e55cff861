import { z } from 'zod';
import { didYouMean } from './suggest.ts';

export type AnyIssue = z.core.$ZodIssue;

/** The keys that a schema of an object knows; none where it is no object. */
export function knownKeys(schema: z.core.$ZodType): string[] {
  const def = schema._zod.def as {
    readonly shape?: object;
    readonly in?: z.core.$ZodType;
    readonly innerType?: z.core.$ZodType;
  };
  if (def.shape !== undefined) return Object.keys(def.shape);
  const inner = def.in ?? def.innerType;
  return inner === undefined ? [] : knownKeys(inner);
}

/**
 * An error map for zod that leaves wording to {@link describeIssue}: messages stay empty, except that an unknown key's
 * message lists the keys that were known there, which zod itself does not tell later.
 * @param also further keys that the place knows
 */
export function keepKnownKeys(also: readonly string[] = []): z.core.$ZodErrorMap {
  return (issue) => {
    if (issue.code !== 'unrecognized_keys') return '';
    const known = issue.inst === undefined ? [] : knownKeys(issue.inst as z.core.$ZodType);
    return [...known, ...also].join(' ');
  };
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
      const quote =
        issue.expected === 'string' && shown !== undefined && /^(-?[\d.]+|true|false)$/.test(shown);
      return `wants ${WANTED[issue.expected] ?? issue.expected}${quote ? `: put it in quotes, "${shown}"` : ''}`;
    }
    case 'invalid_value':
      return `wants ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}${nearest(issue.values, shown)}`;
    case 'too_small':
      return `wants at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `wants at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_union':
      return `wants ${unionOf(issue.errors, shown)}`;
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.map((inner) => inner.message || wantedBy(inner, shown)).join('; ');
    case 'invalid_format':
      return `wants ${issue.format === 'regex' ? `text of the form ${issue.pattern ?? ''}` : `a valid ${issue.format}`}`;
    case 'not_multiple_of':
      return `wants a multiple of ${issue.divisor}`;
    default:
      return 'wants another value';
  }
}

/** `; did you mean "amount"?` for text that is nearly one of the values. */
function nearest(values: readonly unknown[], shown: string | undefined): string {
  return shown?.startsWith('"') === true ? didYouMean(shown.slice(1, -1), values.map(String)) : '';
}

function unionOf(branches: readonly (readonly AnyIssue[])[], shown: string | undefined): string {
  const wanted = branches.flatMap((branch) => {
    const first = branch[0];
    if (first === undefined) return [];
    return [(first.message || wantedBy(first, shown)).replace(/^wants /, '')];
  });
  return [...new Set(wanted)].join(', or ');
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' || origin === 'set' || origin === 'map' ? ' entries' : '';
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}
