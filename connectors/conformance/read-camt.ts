import type { MoneyRecord } from '../../engine/domain/index.ts';
import { camtMessage, statementOf } from './camt-message.ts';
import { readContent, sourceOf, temporaryFolder } from './harness.ts';
import { sortItems } from './sorted-items.ts';
import type { SortedItems } from './sorted-items.ts';

interface Settings {
  readonly [setting: string]: unknown;
}

/** What a camt source makes of a file `bank.xml`, with the lines it told its operator. */
export async function readCamtText(
  content: string | Buffer,
  settings: Settings = {},
): Promise<SortedItems & { readonly notices: readonly string[] }> {
  const source = sourceOf('camt', { path: 'x', ...settings });
  const folder = await temporaryFolder();
  try {
    return {
      ...sortItems(await readContent(source, folder.path, content, 'bank.xml')),
      notices: source.notices,
    };
  } finally {
    await folder.remove();
  }
}

/** The one record that becomes of one entry in a statement. @throws Error where something else does */
export async function recordOfEntry(entry: string, settings: Settings = {}): Promise<MoneyRecord> {
  const { items, records } = await readCamtText(camtMessage('053', '08', statementOf(entry)), settings);
  const [record] = records;
  if (record === undefined || items.length !== 1) {
    throw new Error(`one entry became ${items.map(({ type }) => type).join(', ') || 'nothing'}`);
  }
  return record;
}
