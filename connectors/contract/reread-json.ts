import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import type { PushContext } from './connector.ts';
import { deadLetter } from './dead-letter.ts';

/**
 * Reads the payload of a dead letter that was JSON; what is no JSON is a dead letter still. For
 * `Connector.retranslate`.
 * @param parse throws SyntaxError
 */
export function rereadJson(
  payload: string,
  { source, delivery }: Pick<PushContext, 'source' | 'delivery'>,
  parse: (text: string) => unknown,
  translate: (value: unknown) => Translated[],
): Translated[] {
  let value: unknown;
  try {
    value = parse(payload);
  } catch (cause) {
    const problem = new CounterfoilError(
      'invalidRecord',
      `the payload is no JSON (${(cause as Error).message.slice(0, 200)}); it may have been cut: give all of it, corrected`,
    );
    return [deadLetter(source, problem, { offset: delivery, ordinal: 0 }, payload)];
  }
  return translate(value);
}
