import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRefusedWhole, readRefused } from '../engine/codec/index.ts';
import { CounterfoilError } from '../engine/domain/index.ts';
import type { DeadLetterView, Translated } from '../engine/domain/index.ts';
import type { Source } from './open-source.ts';
import { listFiles } from './runtime/index.ts';

/** What is needed of a dead letter to read it again. */
export type LetterToRead = Pick<DeadLetterView, 'code' | 'file' | 'payload'>;

/**
 * Reads a dead letter again with the source as it is configured now. What came in a file is read with the whole file,
 * because a row means little without its header or its statement: what was seen before is known by its ids and changes
 * nothing. A record that the engine did not take is taken as it was: the rules may know its source by now.
 * @param corrected what is read in place of what is there: of a file the whole content, else the payload
 * @param directory where the source's relative path starts
 * @throws CounterfoilError `fileNotFound` where the file is gone from the source's path or this machine; `invalidConfig`
 *   where the connector cannot read its payloads again, or a record that was refused whole cannot be taken either;
 *   what reading a file throws
 */
export async function* rereadDeadLetter(
  source: Source,
  letter: LetterToRead,
  corrected: string | undefined,
  directory: string,
): AsyncGenerator<readonly Translated[]> {
  const { code, file, payload } = letter;
  if (isRefusedWhole(code)) {
    refuseToCorrect(source, code, corrected);
    yield [{ type: 'record', record: readRefused(payload), origin: { offset: 0, ordinal: 0 } }];
  } else if (file === undefined || source.connector.readFile === undefined) {
    // What was fetched may have a name too, and is no file of ours.
    yield await source.retranslate(corrected ?? payload);
  } else if (corrected === undefined) {
    yield* source.readFile(await pathOf(source, file, directory), file);
  } else {
    yield* readCorrected(source, file, corrected);
  }
}

function refuseToCorrect(source: Source, code: string, corrected: string | undefined): void {
  if (code === 'idConflict') {
    throw new CounterfoilError(
      'invalidConfig',
      `source "${source.name}" sent other content under the record's id before, and would be refused again; correct it at its source, or set onIdReuse: accept and have it sent again`,
    );
  }
  if (corrected === undefined) return;
  throw new CounterfoilError(
    'invalidConfig',
    `a record whose source was unknown was refused whole, and is read again as it was; leave the corrected copy out`,
  );
}

async function* readCorrected(
  source: Source,
  file: string,
  content: string,
): AsyncGenerator<readonly Translated[]> {
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-corrected-'));
  try {
    const path = join(folder, 'corrected');
    await writeFile(path, content, { mode: 0o600 });
    yield* source.readFile(path, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Only what the source's path names is opened, whatever a dead letter says. */
async function pathOf(source: Source, file: string, directory: string): Promise<string> {
  const files = source.path === undefined ? [] : await listFiles(directory, source.path);
  const found = files.find(({ name }) => name === file);
  if (found !== undefined) return found.path;
  throw new CounterfoilError(
    'fileNotFound',
    `${file} is no longer among the files of source "${source.name}" on this machine; put it back, or give a corrected copy of it`,
  );
}
