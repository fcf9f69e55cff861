import { isScalar } from 'yaml';
import type { Scalar } from 'yaml';
import { Secret } from '../domain/index.ts';
import type { ConfigDocument, DocumentPath } from './document.ts';

/**
 * Where a source's settings have a secret that is written out in the file, instead of taken from the environment or
 * another file.
 * @param settings as the connector's schema read them
 * @param path of the settings in the document
 * @param substituted the values that had a `${…}` in them
 */
export function writtenSecrets(
  settings: unknown,
  path: DocumentPath,
  document: ConfigDocument,
  substituted: ReadonlySet<Scalar>,
): DocumentPath[] {
  if (settings instanceof Secret) {
    // One secret where a list may stand is read as a list of one.
    const node = document.nodeAt(path) ?? document.nodeAt(path.slice(0, -1));
    return isScalar(node) && !substituted.has(node) ? [path] : [];
  }
  if (typeof settings !== 'object' || settings === null) return [];
  const entries: Iterable<[PropertyKey, unknown]> = Array.isArray(settings)
    ? settings.entries()
    : Object.entries(settings);
  return [...entries].flatMap(([key, value]) => writtenSecrets(value, [...path, key], document, substituted));
}
