import { at, textAt } from '../contract/index.ts';

/** Reading an order without believing that it has the shape that it should. */

/**
 * What a HAL resource has embedded under a name, with the `cnp:` that stands before most names or without it. A single
 * one may stand there without a list around it.
 */
export function embedded(value: unknown, name: string): readonly unknown[] {
  const found = at(value, '_embedded', `cnp:${name}`) ?? at(value, '_embedded', name);
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found];
}

/** The segments of the path that a HAL link leads to; none where there is no such link. */
export function linkSegments(value: unknown, name: string): readonly string[] {
  const href = textAt(value, '_links', name, 'href') ?? '';
  return href
    .replace(/[?#].*$/, '')
    .split('/')
    .filter((segment) => segment !== '');
}

/** The id of a resource: the last segment of its own address, or of its URN (`urn:payment:…`). */
export function idOf(value: unknown): string | undefined {
  return linkSegments(value, 'self').at(-1) ?? textAt(value, '_id')?.split(':').at(-1);
}
