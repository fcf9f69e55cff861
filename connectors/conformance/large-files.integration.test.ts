import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { balanceText, camtMessage, entryText, statementOf } from './camt-message.ts';
import { temporaryFolder } from './harness.ts';

const FILE_BYTES = 60_000_000;
/** Of the process that reads, which takes some 25 without any file: less than the file has. */
const HEAP_MIB = 56;
/** In one statement. */
const LINES = 200;

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

interface Format {
  readonly start?: string;
  /** A statement of {@link LINES} lines, of an account of its own: what is kept of it must not keep the file. */
  readonly statement: (n: number) => string;
  readonly end?: string;
}

const lines = (n: number, of: (id: number) => string): string =>
  Array.from({ length: LINES }, (_, i) => of(n * LINES + i)).join('');
const account = (n: number): string => `AE07${String(n).padStart(19, '0')}`;

const swiftHead = (n: number): string => `:20:S${n}\n:25:${account(n)}\n:28C:${n}/1\n`;
const swiftLine = (id: number): string =>
  `:61:2611221122C1,NTRFREF${id}//BANK${id}\n:86:/NAME/CUSTOMER ${id}/REMI/INVOICE ${id}\n`;

const camtEntry = (id: number): string =>
  entryText('1', { inside: `<NtryDtls><TxDtls><Refs><TxId>BANK${id}</TxId></Refs></TxDtls></NtryDtls>` });
const camtBalances = balanceText('OPBD', '0') + balanceText('CLBD', String(LINES));
const [camtStart, camtEnd] = camtMessage('053', '08', '').split('<Stmt></Stmt>');

const FORMATS: { readonly [connector: string]: Format } = {
  camt: {
    start: camtStart!,
    statement: (n) =>
      `<Stmt>${statementOf(lines(n, camtEntry), { account: account(n), balances: camtBalances })}</Stmt>`,
    end: camtEnd!,
  },
  mt940: {
    statement: (n) => `${swiftHead(n)}:60F:C261121AED0,\n${lines(n, swiftLine)}:62F:C261122AED${LINES},\n-\n`,
  },
  mt942: {
    statement: (n) =>
      `${swiftHead(n)}:34F:AED0,\n:13D:2611221430+0400\n${lines(n, swiftLine)}:90C:${LINES}AED${LINES},\n-\n`,
  },
};

/** @returns how many lines the file has */
async function write(path: string, { start, statement, end }: Format): Promise<number> {
  const stream = createWriteStream(path);
  stream.write(start ?? '');
  let written = 0;
  let n = 0;
  for (; written < FILE_BYTES; n++) {
    const text = statement(n);
    written += text.length;
    if (!stream.write(text)) await once(stream, 'drain');
  }
  stream.end(end ?? '');
  await once(stream, 'finish');
  return n * LINES;
}

/** What the other process does with the built source; a heap has a limit only where it is a process's own. */
const READ = `
  const [, built, connector, path] = process.argv;
  const { openSource, parseSource } = await import(built);
  const counts = { record: 0, deadLetter: 0, finding: 0 };
  const source = openSource(parseSource('source', { connector, path }));
  for await (const batch of source.readFile(path, 'file')) for (const { type } of batch) counts[type]++;
  console.log(JSON.stringify([counts.record, counts.deadLetter, counts.finding]));
`;

test.each(Object.keys(FORMATS))('%s: a file that is larger than the heap is read', async (connector) => {
  const path = join(folder.path, connector);
  const records = await write(path, FORMATS[connector]!);
  const built = resolve(import.meta.dirname, '../../dist/connectors/open-source.js');
  const args = [`--max-old-space-size=${HEAP_MIB}`, '--input-type=module', '--eval', READ];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, built, connector, path], {
    timeout: 100_000,
  });
  expect(JSON.parse(stdout)).toEqual([records, 0, 0]);
});
