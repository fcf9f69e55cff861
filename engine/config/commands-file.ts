import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { CounterfoilError, type AnyIssue } from '../domain/index.ts';
import { ConfigDocument, plainOf, shortened } from './document.ts';
import { fileCommandsSchema, type FileCommand } from './file-commands.ts';
import { MAX_MESSAGE, issueLines } from './issue-lines.ts';
import { keepKnownKeys } from './known-keys.ts';

/** The largest file of commands, in bytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Lines about one file; the rest would be their echo. */
const MAX_PROBLEMS = 20;

/**
 * Reads the commands of a file: one JSON object a line in .ndjson and .jsonl, else a list in YAML or JSON.
 * @param path relative to `directory`; error lines call the file so
 * @param config the configuration that names it
 * @throws CounterfoilError `fileNotFound`, `unreadableFile`; `invalidConfig` with one line for each thing wrong
 */
export function readCommandsFile(path: string, directory: string, config: string): readonly FileCommand[] {
  const text = readText(path, directory, config);
  return /\.(ndjson|jsonl)$/i.test(path) ? parseLines(text, path) : parseWhole(text, path);
}

/** A list in YAML, of which JSON is a part. */
function parseWhole(text: string, name: string): readonly FileCommand[] {
  const document = new ConfigDocument(text);
  const place = (offset: number): string => `${name}:${document.lineColumn(offset)}`;
  const problems = document.problems.map(
    ({ offset, message }) => `${place(offset)}: ${shortened(message, MAX_MESSAGE)}`,
  );
  if (problems.length > 0) refuse(problems);
  const plain = plainOf(document, place(0)) ?? [];
  const checked = check(plain);
  if (checked.success) return checked.data;
  return refuse(issueLines(checked.error.issues, { document, plain, secrets: new Set(), place }));
}

/** A line that holds a command. */
interface WrittenLine {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  readonly value: unknown;
}

function parseLines(text: string, name: string): readonly FileCommand[] {
  const written: WrittenLine[] = [];
  const problems: string[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      written.push({ text: line, number: i + 1, value: JSON.parse(line) as unknown });
    } catch (error) {
      problems.push(`${name}:${i + 1}:${jsonProblem((error as Error).message, line)}`);
    }
  }
  if (problems.length > 0) refuse(problems);
  const checked = check(written.map(({ value }) => value));
  if (checked.success) return checked.data;
  const ofLine = new Map<number, AnyIssue[]>();
  for (const issue of checked.error.issues) {
    const [index, ...path] = issue.path as [number, ...PropertyKey[]];
    ofLine.set(index, [...(ofLine.get(index) ?? []), { ...issue, path }]);
  }
  return refuse([...ofLine].flatMap(([index, issues]) => linesOf(issues, written[index], name)));
}

/** @param written where the issues are; undefined where they are about the whole */
function linesOf(issues: readonly AnyIssue[], written: WrittenLine | undefined, name: string): string[] {
  const document = new ConfigDocument(written?.text ?? '');
  const place = (offset: number): string =>
    written === undefined ? name : `${name}:${written.number}:${offset + 1}`;
  return issueLines(issues, { document, plain: written?.value, secrets: new Set(), place });
}

/** `29: is no JSON: …`: the column first, where the parser tells it. */
function jsonProblem(message: string, line: string): string {
  const ends = message.startsWith('Unexpected end');
  const position = ends ? String(line.length) : / at position (\d+)/.exec(message)?.[1];
  const column = position === undefined ? '' : `${Number(position) + 1}:`;
  const reason = ends ? 'it ends too early' : message.replace(/( in JSON at position|, ?(\.\.\.)?").*$/, '');
  return `${column} is no JSON: ${shortened(reason, 200)}; a command is one JSON object on one line`;
}

function check(plain: unknown): z.ZodSafeParseResult<readonly FileCommand[]> {
  return fileCommandsSchema.safeParse(plain, { error: keepKnownKeys() });
}

function refuse(problems: readonly string[]): never {
  const more = problems.length - MAX_PROBLEMS;
  const lines = more > 0 ? [...problems.slice(0, MAX_PROBLEMS), `and ${more} more`] : problems;
  throw new CounterfoilError('invalidConfig', lines.join('\n'));
}

function readText(path: string, directory: string, config: string): string {
  try {
    const whole = resolve(directory, path);
    const { size } = statSync(whole);
    if (size <= MAX_BYTES) return readFileSync(whole, 'utf8');
    return refuse([`${path}: has ${size} bytes; a file of commands has at most ${MAX_BYTES}`]);
  } catch (error) {
    if (error instanceof CounterfoilError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    if (code === 'ENOENT') {
      const message = `${config}: commands: ${path} does not exist; create it, or correct the path`;
      throw new CounterfoilError('fileNotFound', message, { cause: error });
    }
    const reason = code === 'EISDIR' ? 'is a directory; name the file in it' : `cannot be read (${code})`;
    throw new CounterfoilError('unreadableFile', `${config}: commands: ${path} ${reason}`, { cause: error });
  }
}
