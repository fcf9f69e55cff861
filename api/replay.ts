import { CounterfoilError } from '../engine/domain/index.ts';
import type {
  DeadLetter,
  DeadLetterView,
  Publisher,
  ResultQueries,
  Translated,
} from '../engine/domain/index.ts';
import type { ApiDeps, ReplayAnswer, ReplayRequest } from './deps.ts';

/** The most inputs that an answer names as refused. */
const MOST_REFUSED = 100;
/** Dead letters of one file that are looked at together. */
const PAGE = 1000;

/**
 * Reads again what a dead letter of one source is about.
 * @param corrected what is read in place of what is there
 */
export type Rereader = (
  letter: DeadLetterView,
  corrected: string | undefined,
) => AsyncIterable<readonly Translated[]>;

export interface ReplayDeps {
  /** By the name of their source, for every configured source. */
  readonly rereaders: ReadonlyMap<string, Rereader>;
  readonly publisher: Publisher;
  readonly queries: Pick<ResultQueries, 'deadLetters'>;
  /** How long reading may take. Milliseconds. */
  readonly withinMs: number;
}

/** What one reading came to. */
interface Reading {
  records: number;
  /** How many inputs were refused. */
  refusals: number;
  /** The first of them. */
  readonly refused: ReplayAnswer['refused'][number][];
  /** Lines in which something was refused. */
  readonly lines: Set<number | undefined>;
}

/**
 * Reads dead letters again and publishes what comes of them. That one was read again, by whom and why is a `replayed`
 * finding, published when its records are in the log; one that is refused again stays open, and makes no second one.
 */
export function createReplay(deps: ReplayDeps): ApiDeps['replay'] {
  const { rereaders, publisher } = deps;
  return async (letter, request) => {
    const reread = rereaders.get(letter.source);
    if (reread === undefined) throw notConfigured(letter);
    const reading = await readAgain(reread, letter, request, deps);
    const { records, refused } = reading;
    const isRefused = isRefusedAgain(letter, request, reading);
    const others = await othersOf(letter, request, reading, deps);
    const done = isRefused ? others : [letter, ...others];
    const findings = done.map((each) => replayed(each, request));
    if (findings.length > 0) await publisher.publish(letter.source, findings);
    return { state: isRefused ? 'open' : 'replayed', records, refused, others: others.length };
  };
}

async function readAgain(
  reread: Rereader,
  letter: DeadLetterView,
  { payload }: ReplayRequest,
  { publisher, withinMs }: ReplayDeps,
): Promise<Reading> {
  const deadline = performance.now() + withinMs;
  const reading: Reading = { records: 0, refusals: 0, refused: [], lines: new Set() };
  for await (const items of reread(letter, payload)) {
    if (performance.now() > deadline) throw tooLong(letter, withinMs);
    await publisher.publish(letter.source, items.filter(isPublished));
    for (const item of items) {
      if (item.type === 'record') reading.records++;
      if (item.type === 'deadLetter') refuse(reading, item.deadLetter);
    }
  }
  return reading;
}

/** Dead letters are there already; times of a file that was read long ago would come too late for anything. */
function isPublished({ type }: Translated): boolean {
  return type !== 'deadLetter' && type !== 'progress';
}

function refuse(reading: Reading, { code, reason, origin: { line } }: DeadLetter): void {
  reading.refusals++;
  reading.lines.add(line);
  if (reading.refused.length < MOST_REFUSED) {
    reading.refused.push({ ...(line === undefined ? {} : { line }), code, reason });
  }
}

/** In a file as it lies there, what stands in the letter's line counts; lines of a corrected copy may be others. */
function isRefusedAgain(
  { file, line }: DeadLetterView,
  { payload }: ReplayRequest,
  reading: Reading,
): boolean {
  if (file === undefined || payload !== undefined) return reading.refusals > 0;
  return reading.lines.has(line);
}

/** The other dead letters of a file that was read again as it lies there, whose lines are refused no more. */
async function othersOf(
  { position, source, file }: DeadLetterView,
  { payload }: ReplayRequest,
  { lines }: Reading,
  { queries }: ReplayDeps,
): Promise<DeadLetterView[]> {
  if (file === undefined || payload !== undefined) return [];
  const others: DeadLetterView[] = [];
  let cursor: string | undefined;
  do {
    const page = await queries.deadLetters({
      ...{ source, file, state: 'open', limit: PAGE },
      ...(cursor === undefined ? {} : { cursor }),
    });
    others.push(...page.items.filter((each) => each.position !== position && !lines.has(each.line)));
    cursor = page.next;
  } while (cursor !== undefined);
  return others;
}

function replayed(
  { source, position, reason }: DeadLetterView,
  { by, why, payload }: ReplayRequest,
): Translated {
  const how = payload === undefined ? 'read again' : 'corrected and read again';
  const because = why === undefined ? '' : ` (${why})`;
  return {
    type: 'finding',
    finding: {
      kind: 'replayed',
      source,
      recordId: position,
      account: '',
      currency: '',
      amount: 0,
      message: `dead letter ${position} is ${how} by ${by}${because}; it was refused because: ${reason}`,
    },
  };
}

function notConfigured({ position, source }: DeadLetterView): CounterfoilError {
  const which =
    source === ''
      ? 'is a message of the log, which no source can read again'
      : `is of source "${source}", which is not configured here`;
  return new CounterfoilError('unknownSource', `dead letter ${position} ${which}`);
}

function tooLong({ position, file }: DeadLetterView, withinMs: number): CounterfoilError {
  return new CounterfoilError(
    'payloadTooLarge',
    `dead letter ${position}: reading all of ${file ?? 'it'} again takes longer than ${withinMs / 1000} s; put a copy of the rows that were refused, corrected, where the source reads its files`,
  );
}
