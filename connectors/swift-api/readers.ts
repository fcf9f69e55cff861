import type { z } from 'zod';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import { camt, readCamt } from '../camt/index.ts';
import type { FileContext, FileSettings } from '../contract/index.ts';
import { mt103, readMt103 } from '../mt103/index.ts';
import { mt940, mt942, readMt940, readMt942 } from '../mt940/index.ts';
import type { SwiftApiSettings } from './settings.ts';

export const READER_NAMES = ['mt940', 'mt942', 'camt', 'mt103'] as const;
export type ReaderName = (typeof READER_NAMES)[number];

interface Reader {
  /** Of the connector that reads such files. */
  readonly settings: z.ZodType<FileSettings>;
  /** Takes settings as `settings` read them. */
  readonly read: (
    content: Buffer,
    context: FileContext,
    settings: FileSettings,
  ) => AsyncIterable<Translated[]>;
}

function reader<Settings extends FileSettings>(
  settings: z.ZodType<Settings>,
  read: (content: Buffer, context: FileContext, settings: Settings) => AsyncIterable<Translated[]>,
): Reader {
  return { settings, read: (content, context, given) => read(content, context, given as Settings) };
}

/** What reads the contents of statements: the connectors for files of the same formats. */
export const READERS: { readonly [name in ReaderName]: Reader } = {
  mt940: reader(mt940.settings, readMt940),
  mt942: reader(mt942.settings, readMt942),
  camt: reader(camt.settings, readCamt),
  mt103: reader(mt103.settings, readMt103),
};

type Formats = Pick<SwiftApiSettings, 'formats' | 'formatNames'>;

/**
 * The reader for what the bank calls a format, if the source reads that: `MT940`, `camt.053.001.08`, `FIN 103`. Of an
 * item that names none, the only one that the source has.
 */
export function readerFor(
  word: string | undefined,
  { formats, formatNames }: Formats,
): ReaderName | undefined {
  const wanted = READER_NAMES.filter((name) => formats[name] !== undefined);
  if (word === undefined) return wanted.length === 1 ? wanted[0] : undefined;
  const [digits] = /(?<!\d)(?:940|942|103)(?!\d)/.exec(word) ?? [];
  const known = /camt/i.test(word) ? 'camt' : digits === undefined ? undefined : `mt${digits}`;
  const name = formatNames[word] ?? known;
  return wanted.find((each) => each === name);
}

/** Reads a content. @param context whose `file` is what the statement is called */
export function readContent(
  name: ReaderName,
  content: Buffer,
  context: FileContext,
  { formats }: Formats,
): AsyncIterable<Translated[]> {
  const { settings, read } = READERS[name];
  return read(content, context, settings.parse({ ...formats[name], path: '-' }));
}

/**
 * Finds out what a content is by itself, where nobody says it: a dead letter that is read again.
 * @throws CounterfoilError `malformedStatement` where it is none of what the source reads
 */
export function readerOfContent(content: string, { formats }: Formats): ReaderName {
  const looks: ReaderName = /^\s*</.test(content.replace('\uFEFF', ''))
    ? 'camt'
    : /\{2:[IO]103|^:32A:/m.test(content)
      ? 'mt103'
      : /^:(?:13D?|34F):/m.test(content)
        ? 'mt942'
        : 'mt940';
  if (formats[looks] !== undefined) return looks;
  throw new CounterfoilError(
    'malformedStatement',
    `this looks like ${looks}, which is not among the source's formats; give a whole statement, or add the format`,
  );
}
