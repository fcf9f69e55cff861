import { readCommandsFile } from '../../../../engine/config/index.ts';
import type { FileCommand, LoadedConfig } from '../../../../engine/config/index.ts';

/**
 * The commands of a configuration in the order in which they are taken: by time, then as written.
 * @throws CounterfoilError `fileNotFound`, `unreadableFile`; `invalidConfig` with one line for each thing wrong
 */
export function loadCommands({ config: { commands }, path, directory }: LoadedConfig): FileCommand[] {
  const written =
    typeof commands === 'string' ? readCommandsFile(commands, directory, path) : (commands ?? []);
  return [...written].sort((a, b) => a.at - b.at);
}
