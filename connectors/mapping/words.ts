import { CounterfoilError } from '../../engine/domain/index.ts';

/** From a source's words to those of records. `*` stands for any other word. */
export type Words<T extends string = string> = { readonly [word: string]: T };

/** What a source calls amounts that add to the balance, and those that take away. */
export interface DirectionWords {
  readonly adds: readonly string[];
  readonly subtracts: readonly string[];
}

/**
 * The kind or status that a source's word stands for.
 * @throws CounterfoilError `invalidField` for a word that is not in the map
 */
export function mappedWord(
  field: 'kind' | 'status',
  text: string | undefined,
  words: Words | undefined,
): string | undefined {
  if (words === undefined || text === undefined || text === '') return text;
  const found = Object.hasOwn(words, text) ? words[text] : words['*'];
  if (found !== undefined) return found;
  throw new CounterfoilError(
    'invalidField',
    `${field} "${text.slice(0, 40)}" is not in the source's ${field === 'kind' ? 'kinds' : 'statuses'}; add it there`,
  );
}

/**
 * Whether a word takes away.
 * @param place where it stands, for the message
 * @throws CounterfoilError `invalidField` for a word that neither adds nor subtracts
 */
export function isSubtracted(words: DirectionWords, text: string | undefined, place: string): boolean {
  const word = text ?? '';
  if (words.adds.includes(word)) return false;
  if (words.subtracts.includes(word)) return true;
  throw new CounterfoilError(
    'invalidField',
    `direction: "${word.slice(0, 40)}" at ${place} neither adds nor subtracts; add it to the source's direction`,
  );
}
