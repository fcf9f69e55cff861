import { RE2JS } from 're2js';
import { CounterfoilError } from '../domain/index.ts';

/** Instructions of a compiled expression; a step costs time in proportion to them. */
const MAX_PROGRAM = 500;

/** An expression looks at this many characters (UTF-16 units) of a text, from its start. */
const MAX_TEXT = 2048;

/** Places of one text at which captureAll looks: each may cost a walk to the text's end. */
export const MAX_CAPTURES = 64;

/** An expression with one group. It runs in time linear in the text, whatever it says. */
export interface Capture {
  /** What the group holds at the first place where the expression fits; undefined where there is none. */
  readonly first: (text: string) => string | undefined;
  /** What it holds at every place, in order of appearance. */
  readonly all: (text: string) => string[];
}

/**
 * Compiles an expression in RE2 syntax, which has neither look-around nor back references: they are what makes
 * others run for ever.
 * @throws CounterfoilError `invalidRule` saying why it is refused
 */
export function compileCapture(pattern: string): Capture {
  const compiled = compile(pattern);
  return {
    first: (text) => {
      const matcher = compiled.matcher(text.slice(0, MAX_TEXT));
      return matcher.find() ? (matcher.group(1) ?? undefined) : undefined;
    },
    all: (text) => {
      const matcher = compiled.matcher(text.slice(0, MAX_TEXT));
      const found: string[] = [];
      for (let place = 0; place < MAX_CAPTURES && matcher.find(); place++) {
        const captured = matcher.group(1);
        if (captured !== null) found.push(captured);
      }
      return found;
    },
  };
}

function compile(pattern: string): RE2JS {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    throw refused(pattern, reasonOf(error), error);
  }
  const groups = compiled.groupCount();
  if (groups !== 1) {
    throw refused(
      pattern,
      groups === 0
        ? 'it has no group: put ( ) around what to capture'
        : `it has ${groups} groups and wants one: write (?: ) where nothing is captured`,
    );
  }
  const size = compiled.programSize();
  if (size > MAX_PROGRAM) {
    throw refused(
      pattern,
      `it compiles to ${size} steps, at most ${MAX_PROGRAM}: make its repetitions smaller`,
    );
  }
  return compiled;
}

function reasonOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(
    /^error parsing regexp: /,
    '',
  );
  if (/\(\?<?[=!]/.test(text))
    return 'look-ahead and look-behind cannot run in linear time and are not supported';
  if (/invalid escape sequence: `\\[1-9]/.test(text))
    return 'back references cannot run in linear time and are not supported';
  return text.replaceAll(/\s+/g, ' ');
}

function refused(pattern: string, reason: string, cause?: unknown): CounterfoilError {
  return new CounterfoilError(
    'invalidRule',
    `regular expression ${JSON.stringify(pattern.length > 60 ? `${pattern.slice(0, 60)}…` : pattern)} is refused: ${reason}`,
    { cause },
  );
}
