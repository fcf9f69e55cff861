import { RecordFrameBuilder } from '../../../engine/codec/index.ts';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import type { MoneyRecord, RecordFrame, SourceFinding, Translated } from '../../../engine/domain/index.ts';
import type { DeadLetterLine } from './result-lines.ts';

/** Records in one frame: large, because nothing waits for it and each frame has a cost of its own. */
const FRAME_RECORDS = 8192;
const FRAME_BYTES = 16 * 1024 * 1024;

/** Records of one file, in its order, with the line at which each starts (0 where the file has no lines). */
export interface ReadFrame {
  readonly file: string;
  readonly frame: RecordFrame;
  readonly lines: Uint32Array;
}

/** What reading a source gives, piece by piece, in the order of its files. */
export interface ReadBatch {
  readonly frames: readonly ReadFrame[];
  readonly deadLetters: readonly DeadLetterLine[];
  readonly findings: readonly SourceFinding[];
}

/** One file of a source, opened by its connector. */
export interface FileToRead {
  /** As configured: what results call it. */
  readonly name: string;
  readonly items: AsyncIterable<readonly Translated[]>;
}

/**
 * Turns what a connector reads into frames.
 * @param emit takes each piece as soon as it is full
 */
export async function readSource(
  source: string,
  files: Iterable<FileToRead>,
  emit: (batch: ReadBatch) => void,
): Promise<void> {
  for (const file of files) {
    const collector = new FileCollector(source, file.name, emit);
    for await (const items of file.items) {
      for (const item of items) collector.take(item);
      collector.offer();
    }
    collector.end();
  }
}

class FileCollector {
  readonly #source: string;
  readonly #file: string;
  readonly #emit: (batch: ReadBatch) => void;
  readonly #builder = new RecordFrameBuilder({ maxRecords: FRAME_RECORDS, maxBytes: FRAME_BYTES });
  readonly #lines = new Uint32Array(FRAME_RECORDS);
  #frames: ReadFrame[] = [];
  #deadLetters: DeadLetterLine[] = [];
  #findings: SourceFinding[] = [];

  constructor(source: string, file: string, emit: (batch: ReadBatch) => void) {
    this.#source = source;
    this.#file = file;
    this.#emit = emit;
  }

  take(item: Translated): void {
    switch (item.type) {
      case 'record':
        this.#add(item.record, item.origin.line ?? 0);
        break;
      case 'deadLetter': {
        const { source, code, reason, origin } = item.deadLetter;
        const { file = this.#file, line } = origin;
        this.#deadLetters.push({ source, file, ...(line === undefined ? {} : { line }), code, reason });
        break;
      }
      case 'finding':
        this.#findings.push(item.finding);
        break;
      case 'progress':
        // Input in order of time has its own watermark.
        break;
      case 'balance':
        // A statement of the books is drawn from what is stored; here only a `balance` finding tells.
        break;
    }
  }

  /** Hands over what is full. */
  offer(): void {
    const waiting = this.#deadLetters.length + this.#findings.length;
    if (this.#frames.length === 0 && waiting < FRAME_RECORDS) return;
    this.#emit({ frames: this.#frames, deadLetters: this.#deadLetters, findings: this.#findings });
    [this.#frames, this.#deadLetters, this.#findings] = [[], [], []];
  }

  end(): void {
    this.#cut();
    this.#emit({ frames: this.#frames, deadLetters: this.#deadLetters, findings: this.#findings });
  }

  #add(record: MoneyRecord, line: number): void {
    try {
      if (!this.#builder.add(record)) {
        this.#cut();
        this.#builder.add(record);
      }
      this.#lines[this.#builder.count - 1] = line;
    } catch (error) {
      const { code, message } = CounterfoilError.from(error, 'invalidRecord');
      this.#deadLetters.push({
        source: this.#source,
        file: this.#file,
        ...(line === 0 ? {} : { line }),
        code,
        reason: message,
      });
    }
  }

  #cut(): void {
    const count = this.#builder.count;
    if (count === 0) return;
    this.#frames.push({ file: this.#file, frame: this.#builder.build(), lines: this.#lines.slice(0, count) });
    this.#builder.reset();
  }
}

/** The memory of a batch's frames, to be moved to another thread rather than copied. */
export function transferables(batch: ReadBatch): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { frame, lines } of batch.frames) {
    buffers.add(lines.buffer as ArrayBuffer);
    collectBuffers(frame, buffers);
  }
  return [...buffers];
}

function collectBuffers(columns: object, buffers: Set<ArrayBuffer>): void {
  for (const value of Object.values(columns) as unknown[]) {
    if (ArrayBuffer.isView(value)) {
      // A view into memory that others use, such as node's pool of small buffers, is copied instead.
      if (value.byteLength === value.buffer.byteLength) buffers.add(value.buffer as ArrayBuffer);
    } else if (typeof value === 'object' && value !== null) {
      collectBuffers(value, buffers);
    }
  }
}
