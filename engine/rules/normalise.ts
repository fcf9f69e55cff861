import type { Normaliser } from '../domain/index.ts';
import { MAX_CAPTURES, compileCapture } from './regular-expression.ts';

/** What a step makes of a text: nothing where a capture missed, several texts only for captureAll. */
export type Step = (text: string) => readonly string[];

/**
 * A list of steps as one, applied in its order. Texts that became empty are left out; equal ones count once, at most
 * 64 of them, in order of appearance.
 * @throws CounterfoilError `invalidRule` for a regular expression that is refused
 */
export function compileNormalisers(normalisers: readonly Normaliser[]): Step {
  const steps = normalisers.map((each) => compileStep(each));
  return (text) => {
    let texts: readonly string[] = [text];
    for (const step of steps)
      texts = texts.length === 1 ? step(texts[0]!) : texts.flatMap((each) => step(each));
    if (texts.length === 1) return texts[0] === '' ? [] : texts;
    return [...new Set(texts)].filter((each) => each !== '').slice(0, MAX_CAPTURES);
  };
}

function compileStep(normaliser: Normaliser): Step {
  switch (normaliser) {
    case 'trim':
      return (text) => [text.trim()];
    case 'upper':
      return (text) => [text.toUpperCase()];
    case 'lower':
      return (text) => [text.toLowerCase()];
    case 'digits':
      return (text) => [text.replaceAll(/[^0-9]+/g, '')];
    case 'stripLeadingZeros':
      return (text) => [text.replace(/^0+/, '')];
    default:
      return compileParameterised(normaliser);
  }
}

function compileParameterised(normaliser: Exclude<Normaliser, string>): Step {
  if ('prefix' in normaliser) {
    const count = normaliser.prefix;
    return (text) => [text.length <= count ? text : text.slice(0, unitsFromStart(text, count))];
  }
  if ('suffix' in normaliser) {
    const count = normaliser.suffix;
    return (text) => [text.length <= count ? text : text.slice(unitsBeforeEnd(text, count))];
  }
  if ('capture' in normaliser) {
    const { first } = compileCapture(normaliser.capture);
    return (text) => {
      const found = first(text);
      return found === undefined ? [] : [found];
    };
  }
  return compileCapture(normaliser.captureAll).all;
}

/** Where the first `count` characters end, a surrogate pair being one character. */
function unitsFromStart(text: string, count: number): number {
  let end = 0;
  for (let left = count; left > 0 && end < text.length; left--)
    end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  return end;
}

/** Where the last `count` characters start. */
function unitsBeforeEnd(text: string, count: number): number {
  let start = text.length;
  for (let left = count; left > 0 && start > 0; left--)
    start -= start > 1 && text.codePointAt(start - 2)! > 0xffff ? 2 : 1;
  return start;
}
