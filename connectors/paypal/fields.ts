import { at, textAt } from '../contract/index.ts';

/** The elements of a list at a path; none where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The last segment of the address that a HATEOAS link leads to, if it leads to such a resource: an id. */
export function linkedResource(value: unknown, rel: string, resource: string): string | undefined {
  const link = listAt(value, 'links').find((each) => textAt(each, 'rel') === rel);
  const segments = (textAt(link, 'href') ?? '').replace(/[?#].*$/, '').split('/');
  const id = segments.at(-1);
  return segments.at(-2) === resource && id !== '' ? id : undefined;
}
