import { at, textAt } from '../contract/index.ts';

/** Shapes that Stripe's objects have, read without believing that they are there. */

/** The elements of a list at a path; none where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The id at a path, of a reference to an object or of the object itself. */
export function idAt(value: unknown, ...path: readonly string[]): string | undefined {
  return textAt(value, ...path) ?? textAt(value, ...path, 'id');
}

/** A moment in Unix seconds at a path; undefined where there is none that a date can hold. */
export function secondsAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' && Number.isInteger(found) && found > 0 && found < 100_000_000_000
    ? found
    : undefined;
}
