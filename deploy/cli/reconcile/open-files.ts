import { openSource } from '../../../connectors/open-source.ts';
import type { SourceConfig } from '../../../engine/config/index.ts';
import type { FileToRead } from './read-source.ts';
import type { SourceFile } from './source-files.ts';

/**
 * The files of a source, each opened by the source's connector when its turn comes.
 * @param notice takes lines for the operator
 */
export function* openFiles(
  source: SourceConfig,
  files: readonly SourceFile[],
  notice: (line: string) => void,
): Generator<FileToRead> {
  const opened = openSource(source, notice);
  for (const { path, name, bytes } of files) {
    if (bytes === 0) notice(`${name}: the file is empty`);
    else yield { name, items: opened.readFile(path, name) };
  }
}
