import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Origin, Translated } from '../../engine/domain/index.ts';
import { Batches, LineReader, deadLetter, fileChunks, parseExactJson, toRecord } from '../contract/index.ts';
import type { Connector, FileContext, Line, SourceContext } from '../contract/index.ts';
import { jsonMapping } from '../mapping/index.ts';
import { ndjsonSettings } from './settings.ts';
import type { NdjsonSettings } from './settings.ts';

/** Text with a JSON object on each line, which becomes a record by configuration. */
export const ndjson: Connector<NdjsonSettings> = {
  name: 'ndjson',
  title: 'files with a JSON object on each line (ledgers, event exports)',
  capabilities: {
    files: true,
    push: false,
    webhooks: false,
    polling: false,
    balances: false,
    appendable: true,
  },
  settings: ndjsonSettings,
  readFile: readNdjson,
};

async function* readNdjson(
  path: string,
  context: FileContext,
  settings: NdjsonSettings,
): AsyncGenerator<Translated[]> {
  const { file, size, from, growing = false } = context;
  const reader = new LineReader(from);
  const batches = new Batches();
  const own = jsonMapping(settings).contextOf(context);
  for await (const chunk of fileChunks(path, file, from?.offset, size)) {
    for (const line of reader.push(chunk)) batches.add(translateLine(line, context, own, settings));
    yield* batches.take();
  }
  if (!growing) for (const line of reader.end()) batches.add(translateLine(line, context, own, settings));
  yield* batches.end();
}

/** @param own the context in the zone of the records' times */
function translateLine(
  { text, problem, line, offset }: Line,
  context: FileContext,
  own: SourceContext,
  settings: NdjsonSettings,
): Translated {
  const origin: Origin = { file: context.file, line, offset, ordinal: 0 };
  try {
    if (problem !== undefined) throw problem;
    const value = parseLine(text);
    const raw = jsonMapping(settings).toRaw(value, value, context, `${context.file}:${line}`);
    return { type: 'record', record: toRecord(raw, own, settings), origin };
  } catch (error) {
    return deadLetter(context.source, error, origin, text);
  }
}

/** @throws CounterfoilError `malformedRow`, `invalidRecord` */
function parseLine(text: string): object {
  let value: unknown;
  try {
    value = parseExactJson(text);
  } catch (error) {
    throw new CounterfoilError(
      'malformedRow',
      `the line is no JSON (${(error as Error).message.slice(0, 120)}); each line should hold one object`,
      { cause: error },
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new CounterfoilError(
    'invalidRecord',
    `the line holds ${Array.isArray(value) ? 'a list' : 'a single value'}; each line should hold one object`,
  );
}
