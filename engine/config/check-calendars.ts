import { DEFAULT_CALENDARS, didYouMean } from '../domain/index.ts';
import type { Calendar } from '../domain/index.ts';
import { Calendars } from '../rules/index.ts';
import type { CrossIssue, DocumentPlace } from './check-filter.ts';

/**
 * Names of calendars that do not exist, and calendars that are never open together.
 * @param owner what errors call the place: `rule "by-value-date" of "acquirer-to-bank"`
 */
export function* checkCalendars(
  names: readonly string[],
  defined: { readonly [name: string]: Calendar },
  path: DocumentPlace,
  owner: string,
): Generator<CrossIssue> {
  const known = [...new Set([...Object.keys(defined), ...Object.keys(DEFAULT_CALENDARS)])];
  const unknown = names.filter((name) => !known.includes(name));
  for (const name of unknown) {
    yield {
      path,
      message: `${owner}: unknown calendar "${name}"${didYouMean(name, known)} (there are ${known.join(', ')}; more go under calendars)`,
    };
  }
  if (unknown.length > 0) return;
  try {
    new Calendars(defined).of(names);
  } catch (error) {
    yield { path, message: `${owner}: ${(error as Error).message}` };
  }
}
