import { open } from 'node:fs/promises';
import { nameOf } from './order-reader.ts';
import { REFERENCE } from './settings.ts';

/** How much of the file one round reads. */
const MAX_READ = 1_048_576;

/** What a part of the file said. */
export interface ReadOrders {
  /** As `outlet/order`. */
  readonly names: readonly string[];
  /** Where the next part begins. */
  readonly bytes: number;
  /** Lines that name no order of a configured outlet. */
  readonly refused: number;
}

/**
 * Reads on in a file to which whoever makes orders appends their references: a line `order`, or `outlet/order` where the
 * source has several outlets. Empty lines and those that begin with `#` say nothing. A last line without an end is left
 * for the next time. A file that is shorter than before is read from its start.
 * @param most the most lines to read
 * @throws the error of the file system, `ENOENT` where there is no file
 */
export async function readOrdersFile(
  path: string,
  from: number,
  most: number,
  outlets: readonly string[],
): Promise<ReadOrders> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = size < from ? 0 : from;
    const buffer = Buffer.alloc(Math.min(MAX_READ, size - start));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return linesOf(buffer.subarray(0, bytesRead), start, most, outlets);
  } finally {
    await file.close();
  }
}

function linesOf(bytes: Buffer, start: number, most: number, outlets: readonly string[]): ReadOrders {
  const names: string[] = [];
  let refused = 0;
  let from = 0;
  for (let lines = 0; lines < most; lines++) {
    const end = bytes.indexOf(0x0a, from);
    if (end < 0) break;
    const text = bytes.toString('utf8', from, end).trim();
    from = end + 1;
    if (text === '' || text.startsWith('#')) continue;
    const name = named(text, outlets);
    if (name === undefined) refused++;
    else names.push(name);
  }
  // A line as long as all that is read at a time is none, and would be in the way for ever.
  if (from === 0 && bytes.length === MAX_READ)
    return { names, bytes: start + MAX_READ, refused: refused + 1 };
  return { names, bytes: start + from, refused };
}

function named(text: string, outlets: readonly string[]): string | undefined {
  const parts = text.split('/');
  const order = parts.at(-1)!;
  const outlet = parts.length === 1 && outlets.length === 1 ? outlets[0]! : parts[0]!;
  if (parts.length > 2 || !outlets.includes(outlet) || !REFERENCE.test(order)) return undefined;
  return nameOf({ outlet, order });
}
