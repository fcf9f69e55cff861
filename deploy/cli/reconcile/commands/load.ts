import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { CounterfoilError } from '../../../../engine/domain/index.ts';
import { fileCommandSchema } from './schema.ts';
import type { FileCommand } from './schema.ts';

/** More commands than people give by hand. */
const MAX_COMMANDS = 100_000;

/** A checked command with what errors and answers call it. */
export interface LoadedCommand extends FileCommand {
  readonly id: string;
}

/**
 * The commands of a configuration in the order in which they are taken: by time, then as written.
 * @param written the setting `commands`: a list, or the path of a .ndjson, .yaml or .json file that holds one
 * @param directory folder that a relative path starts from
 * @throws CounterfoilError `fileNotFound`, `unreadableFile`; `invalidConfig` with one line for each thing wrong
 */
export function loadCommands(written: unknown, directory: string): LoadedCommand[] {
  if (written === undefined || written === null) return [];
  const [name, list] =
    typeof written === 'string'
      ? [written, readList(resolve(directory, written), written)]
      : ['commands', written];
  if (!Array.isArray(list) || list.length > MAX_COMMANDS) {
    throw new CounterfoilError(
      'invalidConfig',
      `${name}: wants a list of at most ${MAX_COMMANDS} commands, or the path of a .ndjson, .yaml or .json file that holds one`,
    );
  }
  const problems: string[] = [];
  const commands = list.flatMap((item, i): LoadedCommand[] => {
    const checked = fileCommandSchema.safeParse(item);
    if (checked.success) return [{ ...checked.data, id: checked.data.id ?? `command-${i + 1}` }];
    for (const { path, message } of checked.error.issues) {
      problems.push(`${name}[${i}]${path.map((part) => `.${String(part)}`).join('')}: ${message}`);
    }
    return [];
  });
  const ids = new Set<string>();
  for (const { id } of commands) {
    if (ids.has(id)) problems.push(`${name}: two commands have the id "${id}"; give one another`);
    ids.add(id);
  }
  if (problems.length > 0) throw new CounterfoilError('invalidConfig', problems.join('\n'));
  return commands.sort((a, b) => a.at - b.at);
}

function readList(path: string, name: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new CounterfoilError(
      code === 'ENOENT' ? 'fileNotFound' : 'unreadableFile',
      `commands: ${name} cannot be read (${code}); check the path`,
      { cause: error },
    );
  }
  try {
    if (!/\.(ndjson|jsonl)$/i.test(name)) return parseYaml(text) as unknown;
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as unknown);
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new CounterfoilError('invalidConfig', `commands: ${name} cannot be understood: ${reason!}`, {
      cause: error,
    });
  }
}
