import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Translated } from '../../engine/domain/index.ts';
import { openSource, parseSource } from '../open-source.ts';
import type { Source } from '../open-source.ts';

/** A folder for a test's files; `remove` takes it away. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A source as configured, with the lines it told its operator. */
export function sourceOf(
  connector: string,
  settings: { readonly [setting: string]: unknown } = {},
): Source & { readonly notices: string[] } {
  const notices: string[] = [];
  const source = openSource(parseSource('source', { connector, ...settings }), (line) => notices.push(line));
  return { ...source, notices };
}

/** Everything a source makes of a file, batch by batch. */
export async function readBatches(source: Source, path: string, name = 'file'): Promise<Translated[][]> {
  const batches: Translated[][] = [];
  for await (const batch of source.readFile(path, name)) batches.push(batch);
  return batches;
}

/** Everything a source makes of a content, through a file in `folder`. */
export async function readContent(
  source: Source,
  folder: string,
  content: string | Uint8Array,
  name = 'file',
): Promise<Translated[]> {
  const path = join(folder, 'content');
  await writeFile(path, content);
  return (await readBatches(source, path, name)).flat();
}

/** Items as text that can be compared. */
export function asText(items: readonly Translated[]): string {
  return JSON.stringify(items, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
