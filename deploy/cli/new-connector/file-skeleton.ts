import type { Skeleton } from './skeleton.ts';

/** A connector that reads files of lines. */
export function fileSkeleton({ name, identifier, type }: Skeleton): Readonly<{ [file: string]: string }> {
  return {
    'index.ts': `import type { Origin, Translated } from '../../engine/domain/index.ts';
import { Batches, LineReader, deadLetter, fileChunks } from '../contract/index.ts';
import type { Connector, FileContext, Line } from '../contract/index.ts';
import { ${identifier}Settings } from './settings.ts';
import type { ${type}Settings } from './settings.ts';
import { translateLine } from './translate.ts';

/** Files of lines \`id;amount;currency;day\`: say here whose files these are, and where their format is described. */
export const ${identifier}: Connector<${type}Settings> = {
  name: '${name}',
  title: 'files of ${name}',
  capabilities: {
    files: true,
    push: false,
    webhooks: false,
    polling: false,
    balances: false,
    // What the beginning of a file says does not change while the file grows.
    appendable: true,
  },
  settings: ${identifier}Settings,
  readFile,
};

async function* readFile(
  path: string,
  context: FileContext,
  settings: ${type}Settings,
): AsyncGenerator<Translated[]> {
  const { file, size, from, growing = false } = context;
  const reader = new LineReader(from);
  const batches = new Batches();
  const add = (line: Line): void => {
    batches.add(itemOf(line, context, settings));
  };
  for await (const chunk of fileChunks(path, file, from?.offset, size)) {
    for (const line of reader.push(chunk)) add(line);
    yield* batches.take();
  }
  // While someone writes the file, what no line's end closes is left for the next reading.
  if (!growing) for (const line of reader.end()) add(line);
  yield* batches.end();
}

function itemOf(
  { text, problem, line, offset }: Line,
  context: FileContext,
  settings: ${type}Settings,
): Translated {
  const origin: Origin = { file: context.file, line, offset, ordinal: 0 };
  try {
    if (problem !== undefined) throw problem;
    return { type: 'record', record: translateLine(text, context, settings), origin };
  } catch (error) {
    return deadLetter(context.source, error, origin, text);
  }
}
`,
    'settings.ts': `import { z } from 'zod';
import { RECORD_KINDS } from '../../engine/domain/index.ts';
import type { RecordKind } from '../../engine/domain/index.ts';
import { checkAccounts, fileSettings } from '../contract/index.ts';
import type { FileSettings } from '../contract/index.ts';

export interface ${type}Settings extends FileSettings {
  readonly kind: RecordKind;
}

export const ${identifier}Settings: z.ZodType<${type}Settings> = z
  .strictObject({
    ...fileSettings,
    /** The kind of every record. */
    kind: z.enum(RECORD_KINDS).prefault('ledger'),
  })
  .superRefine(checkAccounts);
`,
    'translate.ts': `import { CounterfoilError } from '../../engine/domain/index.ts';
import type { MoneyRecord } from '../../engine/domain/index.ts';
import { toRecord } from '../contract/index.ts';
import type { SourceContext } from '../contract/index.ts';
import type { ${type}Settings } from './settings.ts';

const FIELDS = 4;

/**
 * The record of one line. Pure: the same line gives the same record.
 * @throws CounterfoilError with the code that the line's dead letter gets
 */
export function translateLine(text: string, context: SourceContext, settings: ${type}Settings): MoneyRecord {
  const fields = text.split(';');
  if (fields.length !== FIELDS) {
    throw new CounterfoilError(
      'malformedRow',
      \`the line has \${fields.length} fields; it wants id;amount;currency;day\`,
    );
  }
  const [id, amount, currency, time] = fields as [string, string, string, string];
  return toRecord({ id, amount, currency, time, references: {}, attributes: {} }, context, settings);
}
`,
    'translate.test.ts': `import { expect, test } from 'vitest';
import { Zone } from '../../engine/domain/index.ts';
import { Accounts } from '../contract/index.ts';
import { ${identifier}Settings } from './settings.ts';
import { translateLine } from './translate.ts';

const settings = ${identifier}Settings.parse({ path: 'in' });
const context = { source: 's', zone: new Zone('UTC'), accounts: new Accounts(settings), notice: () => undefined };

test.each([
  ['a credit', 'p1;12.30;AED;2026-11-22', { id: 'p1', amount: 1230n, currency: 'AED' }],
  ['a debit', 'p2;-12.30;AED;2026-11-22', { id: 'p2', amount: -1230n }],
  ['three decimals', 'p3;1.005;KWD;2026-11-22', { amount: 1005n, currency: 'KWD' }],
])('%s', (_, line, record) => {
  expect(translateLine(line, context, settings)).toMatchObject(record);
});

test.each([
  ['a field too few', 'p1;12.30;AED', 'malformedRow'],
  ['an amount that is none', 'p1;12,30;AED;2026-11-22', 'invalidAmount'],
  ['a currency that nobody knows', 'p1;12.30;XXX;2026-11-22', 'unknownCurrency'],
])('%s', (_, line, code) => {
  expect(() => translateLine(line, context, settings)).toThrow(expect.objectContaining({ code }));
});
`,
  };
}
