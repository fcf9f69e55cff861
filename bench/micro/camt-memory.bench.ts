import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../deploy/local/project-root.ts';
import type { BenchFigure } from '../figures.ts';
import { CAMT_END, CAMT_START, STATEMENT_LINES, camtStatement } from './camt-text.ts';

const MEGABYTES = 200;
const QUICK_MEGABYTES = 10;
/** Of the process that reads: a quarter of what the file has, so that it cannot be held. */
const HEAP_MIB = 64;
const TIME_LIMIT_MS = 300_000;

/**
 * Reads a large file in a process of its own whose heap is limited, so that it fails where memory grows with the file.
 * Every statement is of another account: what is kept of each, for continuity, must not hold on to the input.
 */
export async function runCamtMemory(folder: string, { quick }: { quick: boolean }): Promise<BenchFigure[]> {
  const megabytes = quick ? QUICK_MEGABYTES : MEGABYTES;
  const path = join(folder, 'large.xml');
  const entries = await writeStatements(path, megabytes * 1e6);
  const built = join(projectRoot(), 'dist/connectors/open-source.js');
  const args = [`--max-old-space-size=${HEAP_MIB}`, '--input-type=module', '--eval', READ, built, path];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: TIME_LIMIT_MS });
  const { records, peakBytes } = JSON.parse(stdout) as { records: number; peakBytes: number };
  if (records !== entries) throw new Error(`${records} of ${entries} entries of a camt file were read`);
  const name = `parsers: camt, ${megabytes} MB with a heap of ${HEAP_MIB} MiB: peak memory`;
  return [{ name, value: peakBytes, unit: 'bytes' }];
}

/** What the other process does. `maxRSS` is in KiB. */
const READ = `
  const [, built, path] = process.argv;
  const { openSource, parseSource } = await import(built);
  const source = openSource(parseSource('bench', { connector: 'camt', path }));
  let records = 0;
  for await (const batch of source.readFile(path, 'input'))
    for (const { type } of batch) if (type === 'record') records++;
  console.log(JSON.stringify({ records, peakBytes: process.resourceUsage().maxRSS * 1024 }));
`;

/** @returns how many entries the file has */
async function writeStatements(path: string, bytes: number): Promise<number> {
  const stream = createWriteStream(path);
  stream.write(`${CAMT_START}\n`);
  let entries = 0;
  for (let written = 0; written < bytes; entries += STATEMENT_LINES) {
    const account = `AE07${String(entries).padStart(19, '0')}`;
    const text = camtStatement(entries, entries + STATEMENT_LINES, account);
    written += text.length;
    if (!stream.write(`${text}\n`)) await once(stream, 'drain');
  }
  stream.end(CAMT_END);
  await once(stream, 'finish');
  return entries;
}
