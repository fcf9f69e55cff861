import { CounterfoilError, MAX_DEAD_LETTER_BYTES } from '../../engine/domain/index.ts';
import type { DeadLetter, Origin, Translated } from '../../engine/domain/index.ts';
import { maskCardNumbers } from './masking.ts';

/** The most characters of a reason: it is one line that a person reads. */
const MAX_REASON = 1000;

/**
 * The dead letter for input that could not become a record, card numbers masked and cut to what is kept.
 * @param problem why; anything that is not a CounterfoilError of a poisoned input is reported as `invalidRecord`
 * @param payload the input as it came
 */
export function deadLetter(source: string, problem: unknown, origin: Origin, payload: string): Translated {
  const error = CounterfoilError.from(problem, 'invalidRecord');
  return {
    type: 'deadLetter',
    deadLetter: {
      source,
      code: error.code,
      reason: maskCardNumbers(error.message.replaceAll(/\s*[\r\n]+\s*/g, ' ')).slice(0, MAX_REASON),
      origin,
      payload: keepable(payload),
    },
  };
}

/** `deadLetter` as it may be stored, whoever made it. */
export function maskedDeadLetter(deadLetter: DeadLetter): DeadLetter {
  return {
    ...deadLetter,
    reason: maskCardNumbers(deadLetter.reason),
    payload: keepable(deadLetter.payload),
  };
}

function keepable(payload: string): string {
  // Masked before it is cut: a number that the cut parts would no longer be recognised.
  const masked = maskCardNumbers(payload.slice(0, MAX_DEAD_LETTER_BYTES + 64));
  if (masked.length * 3 <= MAX_DEAD_LETTER_BYTES || Buffer.byteLength(masked) <= MAX_DEAD_LETTER_BYTES) {
    return masked;
  }
  const bytes = Buffer.from(masked).subarray(0, MAX_DEAD_LETTER_BYTES);
  // A character that the cut parts comes out as a replacement character of up to three bytes: leave it out.
  return bytes.toString('utf8').replace(/\uFFFD+$/, '');
}
