import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { listFiles } from '../../../connectors/runtime/index.ts';
import type { SourceFile as ListedFile } from '../../../connectors/runtime/index.ts';
import { CONNECTORS } from '../../../connectors/registry.ts';
import type { Config, SourceConfig } from '../../../engine/config/index.ts';
import { CounterfoilError } from '../../../engine/domain/index.ts';

/** A file of a source, with its size. */
export interface SourceFile extends ListedFile {
  readonly bytes: number;
}

/**
 * The sources that are read. Those whose connector has no files are left out, unless a reconciliation needs them.
 * @throws CounterfoilError `invalidConfig` for one that is needed
 */
export function fileSources({ sources, reconciliations }: Config): SourceConfig[] {
  const needed = new Set(reconciliations.flatMap(({ left, right }) => [...left.sources, ...right.sources]));
  return sources.filter(({ name, connector }) => {
    if (CONNECTORS.some((each) => each.name === connector && each.capabilities.files)) return true;
    if (!needed.has(name)) return false;
    throw new CounterfoilError(
      'invalidConfig',
      `source "${name}": the connector ${connector} reads no files; reconcile works on files, "counterfoil up" on everything`,
    );
  });
}

/**
 * The files that a source's `path` names, in order of name.
 * @param directory folder that relative paths start from
 * @throws CounterfoilError `fileNotFound`, `unreadableFile`
 */
export async function filesOf({ name, settings }: SourceConfig, directory: string): Promise<SourceFile[]> {
  const { path } = settings as { readonly path: string };
  try {
    const files = await listFiles(directory, path);
    if (files.length === 0) {
      throw new CounterfoilError('fileNotFound', `${path}: no file is there; check the source's path`);
    }
    return await Promise.all(files.map(async (file) => ({ ...file, bytes: (await stat(file.path)).size })));
  } catch (error) {
    const { code, message } = CounterfoilError.from(error, 'unreadableFile');
    throw new CounterfoilError(
      code,
      `source "${name}": ${message} (looked in ${resolve(directory, dirname(path))})`,
      {
        cause: error,
      },
    );
  }
}
