import { readFileSync } from 'node:fs';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import { EXIT_BREAKS } from '../exit.ts';
import { openApi } from './api.ts';
import type { Api } from './api.ts';
import { tableLines } from './table.ts';

/** Most on a page of the API. */
const PAGE = 1000;
/** Columns of a reason in a list; `show` has all of it. */
const REASON_COLUMNS = 100;

interface DeadLetter {
  readonly position: string;
  readonly source: string;
  readonly code: string;
  readonly reason: string;
  readonly file?: string;
  readonly line?: number;
  readonly payload: string;
  readonly state: 'open' | 'replayed';
  readonly logTime: string;
}

interface Page {
  readonly items: readonly DeadLetter[];
  readonly next?: string;
}

interface ReplayAnswer {
  readonly state: 'open' | 'replayed';
  readonly records: number;
  readonly others: number;
  readonly refused: readonly { readonly line?: number; readonly code: string; readonly reason: string }[];
}

export interface ListOptions {
  readonly source?: string;
  /** Also those that were read again. */
  readonly all?: boolean;
  readonly limit: string;
  readonly url?: string;
  readonly json?: boolean;
}

/** Prints dead letters, the latest first. */
export async function listDeadLetters(options: ListOptions): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new CounterfoilError('invalidField', `--limit: found "${options.limit}"; it wants a number from 1`);
  }
  const found = await pagesOf(openApi(options.url), options.source, options.all === true, limit);
  if (options.json === true) {
    for (const letter of found.items) process.stdout.write(`${JSON.stringify(letter)}\n`);
    return;
  }
  if (found.items.length === 0) {
    process.stdout.write('there are no dead letters\n');
    return;
  }
  const rows = found.items.map((letter) => [
    letter.position,
    ...(options.all === true ? [letter.state] : []),
    letter.source,
    placeOf(letter),
    letter.code,
    letter.reason.slice(0, REASON_COLUMNS),
  ]);
  const more = found.next === undefined ? '' : `there are more; --limit shows them\n`;
  process.stdout.write(`${tableLines(rows).join('\n')}\n${more}`);
}

/** Prints one dead letter. */
export async function showDeadLetter(
  position: string,
  options: { readonly payload?: boolean; readonly url?: string; readonly json?: boolean },
): Promise<void> {
  const letter = await openApi(options.url).get<DeadLetter>(
    `/v1/dead-letters/${encodeURIComponent(position)}`,
  );
  if (options.json === true) process.stdout.write(`${JSON.stringify(letter)}\n`);
  else if (options.payload === true) process.stdout.write(letter.payload);
  else process.stdout.write(readable(letter));
}

export interface ReplayOptions {
  readonly source?: string;
  readonly with?: string;
  readonly why?: string;
  readonly by: string;
  readonly url?: string;
  readonly json?: boolean;
}

/** Reads dead letters again. @returns the exit status: 2 when something is refused again */
export async function replayDeadLetters(
  positions: readonly string[],
  options: ReplayOptions,
): Promise<number> {
  const { source, by, why } = options;
  if ((positions.length === 0) === (source === undefined)) {
    throw new CounterfoilError(
      'invalidField',
      'say which dead letters: their positions, or --source for all open ones',
    );
  }
  if (options.with !== undefined && source !== undefined) {
    throw new CounterfoilError(
      'invalidField',
      '--with is the content of particular dead letters; give their positions',
    );
  }
  const payload = options.with === undefined ? undefined : contentOf(options.with);
  const api = openApi(options.url);
  const chosen = source === undefined ? positions : await openOnes(api, source);
  let status = 0;
  for (const position of chosen) {
    const path = `/v1/dead-letters/${encodeURIComponent(position)}/replay`;
    const { body } = await api.post<ReplayAnswer>(path, {
      by,
      ...(why === undefined ? {} : { why }),
      ...(payload === undefined ? {} : { payload }),
    });
    if (body.state === 'open' || body.refused.length > 0) status = EXIT_BREAKS;
    process.stdout.write(
      options.json === true ? `${JSON.stringify({ position, ...body })}\n` : answerLines(position, body),
    );
  }
  if (chosen.length === 0) process.stdout.write(`source ${source!} has no open dead letters\n`);
  return status;
}

/** The open dead letters of a source; of those of one file the first, because with it all of the file is read again. */
async function openOnes(api: Api, source: string): Promise<string[]> {
  const { items } = await pagesOf(api, source, false, Infinity);
  const files = new Set<string>();
  const chosen = items.filter(({ file }) => {
    if (file === undefined) return true;
    const isFirst = !files.has(file);
    files.add(file);
    return isFirst;
  });
  return chosen.map(({ position }) => position).reverse();
}

async function pagesOf(
  api: Api,
  source: string | undefined,
  isAll: boolean,
  limit: number,
): Promise<{ readonly items: readonly DeadLetter[]; readonly next: string | undefined }> {
  const items: DeadLetter[] = [];
  let cursor: string | undefined;
  do {
    const page: Page = await api.get<Page>('/v1/dead-letters', {
      ...{ source, cursor },
      state: isAll ? undefined : 'open',
      limit: String(Math.min(PAGE, limit - items.length)),
    });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && items.length < limit);
  return { items, next: cursor };
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CounterfoilError('fileNotFound', `--with: ${path} cannot be read`, { cause });
  }
}

function placeOf({ file, line }: Pick<DeadLetter, 'file' | 'line'>): string {
  if (file === undefined) return '';
  return line === undefined ? file : `${file}:${line}`;
}

function readable(letter: DeadLetter): string {
  const place = placeOf(letter);
  return [
    `${letter.position}  ${letter.state}`,
    `  source   ${letter.source}`,
    ...(place === '' ? [] : [`  place    ${place}`]),
    `  kept     ${letter.logTime}`,
    `  reason   ${letter.code}: ${letter.reason}`,
    '',
    letter.payload,
    '',
  ].join('\n');
}

function answerLines(position: string, { state, records, refused, others }: ReplayAnswer): string {
  const more = others === 0 ? '' : `; ${others} more of its file are refused no more`;
  const lines = [
    `${position}  ${state === 'replayed' ? 'read again' : 'refused again'}, ${records} records${more}`,
  ];
  for (const { line, code, reason } of refused)
    lines.push(`  ${line === undefined ? '' : `line ${line}: `}${code}: ${reason}`);
  return `${lines.join('\n')}\n`;
}
