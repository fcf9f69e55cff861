import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { CounterfoilError } from '../domain/index.ts';
import type { KernelSnapshot, SeenSegment } from '../matching/index.ts';
import { SEEN_ENTRY_BYTES } from '../matching/index.ts';
import type { CheckpointFacts, WrittenCheckpoint } from './protocol.ts';

/**
 * A checkpoint is one file: magic, header length, header (JSON), the kernel's blocks, and a CRC-32 of all before it.
 * The seen set lies beside it in one append-only file per time bucket, of which the header says how much belongs to
 * the checkpoint: entries are written once, not with every checkpoint. Bytes after that length are of a life that
 * did not commit; the replay writes the same bytes to the same place again.
 */
const MAGIC = Buffer.from('CFCKPT01');
const CURRENT_CHECKPOINT = 'current.ckpt';

interface Header {
  readonly facts: CheckpointFacts;
  readonly kernelVersion: number;
  readonly blocks: readonly number[];
  readonly seen: KernelSnapshot['seen'];
}

/** A checkpoint read back. `snapshot` is undefined for the partition of dead letters, which has no kernel. */
export interface LoadedCheckpoint {
  readonly facts: CheckpointFacts;
  readonly snapshot?: KernelSnapshot;
}

/**
 * Writes and fsyncs a checkpoint beside the current one.
 * @returns the file to rename over `current.ckpt` once every row of the state is stored, and its size in bytes
 * @throws `diskFull`
 */
export function writeCheckpoint(
  directory: string,
  facts: CheckpointFacts,
  snapshot: KernelSnapshot | undefined,
  pendingSeen: readonly SeenSegment[],
): WrittenCheckpoint {
  return guardDisk(directory, () => {
    mkdirSync(directory, { recursive: true });
    for (const segment of pendingSeen) appendSeen(directory, segment);
    const blocks = snapshot?.blocks ?? [];
    const header: Header = {
      facts,
      kernelVersion: snapshot?.version ?? 0,
      blocks: blocks.map((block) => block.byteLength),
      seen: snapshot?.seen ?? [],
    };
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.byteLength);
    const path = join(directory, `next-${facts.sequence}.ckpt`);
    const file = openSync(path, 'w');
    try {
      let checksum = 0;
      let bytes = 4;
      for (const part of [MAGIC, length, json, ...blocks]) {
        writeWhole(file, part, undefined);
        checksum = crc32(part, checksum);
        bytes += part.byteLength;
      }
      const tail = Buffer.alloc(4);
      tail.writeUInt32LE(checksum);
      writeWhole(file, tail, undefined);
      fsyncSync(file);
      return { ...facts, path, bytes, seenBuckets: header.seen.map(({ bucket }) => bucket) };
    } finally {
      closeSync(file);
    }
  });
}

/**
 * Makes a written checkpoint the current one, and removes the files that no checkpoint needs any more. Only now: until
 * the rename is durable the checkpoint before it must stay whole.
 */
export async function commitCheckpoint(directory: string, written: WrittenCheckpoint): Promise<void> {
  await rename(written.path, join(directory, CURRENT_CHECKPOINT));
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  const needed = new Set(written.seenBuckets.map((bucket) => segmentName(bucket)));
  for (const name of await readdir(directory)) {
    const stale = name.endsWith('.seg') ? !needed.has(name) : name.startsWith('next-');
    if (stale) await rm(join(directory, name), { force: true });
  }
}

/**
 * Reads the current checkpoint of a partition; undefined if there is none.
 * @throws `checkpointUnreadable`
 */
export function readCheckpoint(directory: string): LoadedCheckpoint | undefined {
  const path = join(directory, CURRENT_CHECKPOINT);
  if (!existsSync(path)) return undefined;
  const data = readFileSync(path);
  if (data.byteLength < MAGIC.byteLength + 8 || !data.subarray(0, MAGIC.byteLength).equals(MAGIC)) {
    throw unreadable(path, 'it is not a checkpoint');
  }
  const end = data.byteLength - 4;
  if (crc32(data.subarray(0, end)) !== data.readUInt32LE(end))
    throw unreadable(path, 'its checksum is wrong');
  const jsonStart = MAGIC.byteLength + 4;
  const jsonEnd = jsonStart + data.readUInt32LE(MAGIC.byteLength);
  const header = JSON.parse(data.toString('utf8', jsonStart, jsonEnd)) as Header;
  if (header.kernelVersion === 0) return { facts: header.facts };
  const blocks: Uint8Array[] = [];
  let at = jsonEnd;
  for (const length of header.blocks) {
    // Copied so that each block starts at an aligned address.
    blocks.push(new Uint8Array(data.subarray(at, at + length)));
    at += length;
  }
  return { facts: header.facts, snapshot: { version: header.kernelVersion, blocks, seen: header.seen } };
}

/** The seen entries that belong to a checkpoint, bucket by bucket. @throws `checkpointUnreadable` */
export function* readSeen(
  directory: string,
  seen: KernelSnapshot['seen'],
): Generator<{ bucket: number; bytes: Uint8Array }> {
  for (const { bucket, entries } of seen) {
    const path = segmentPath(directory, bucket);
    const wanted = entries * SEEN_ENTRY_BYTES;
    const bytes = new Uint8Array(wanted);
    if (wanted > 0) {
      if (!existsSync(path)) throw unreadable(path, 'it is missing');
      const file = openSync(path, 'r');
      try {
        let at = 0;
        while (at < wanted) {
          const read = readSync(file, bytes, at, wanted - at, at);
          if (read === 0) throw unreadable(path, `it has ${at} of ${wanted} bytes`);
          at += read;
        }
      } finally {
        closeSync(file);
      }
    }
    yield { bucket, bytes };
  }
}

function appendSeen(directory: string, segment: SeenSegment): void {
  if (segment.bytes.byteLength === 0) return;
  const path = segmentPath(directory, segment.bucket);
  const file = openSync(path, existsSync(path) ? 'r+' : 'w');
  try {
    writeWhole(file, segment.bytes, segment.from * SEEN_ENTRY_BYTES);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function segmentName(bucket: number): string {
  return `seen-${bucket}.seg`;
}

function segmentPath(directory: string, bucket: number): string {
  return join(directory, segmentName(bucket));
}

function writeWhole(file: number, bytes: Uint8Array, position: number | undefined): void {
  let at = 0;
  while (at < bytes.byteLength) {
    at += writeSync(file, bytes, at, bytes.byteLength - at, position === undefined ? null : position + at);
  }
}

function guardDisk<T>(directory: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new CounterfoilError(
        'diskFull',
        `no space left for the checkpoint in ${directory}; free space and start again, nothing is lost`,
        { cause },
      );
    }
    throw cause;
  }
}

function unreadable(path: string, why: string): CounterfoilError {
  return new CounterfoilError(
    'checkpointUnreadable',
    `checkpoint ${path} cannot be used: ${why}; restore it from a copy, or delete its folder to replay the log from its start`,
  );
}
