/** A statement line with what belongs to it, as it stands in the file; each character is one byte. */
export interface RawEntry {
  readonly line: number;
  readonly offset: number;
  /** Content of `:61:`; joined from several lines where the bank broke it. */
  head: string;
  /** Lines after it that are no tag: supplementary details; undefined where there are none. */
  supplement: string[] | undefined;
  /** Content of its information fields (`:86:`, `:NS:`), line by line; undefined where there is none. */
  narrative: string | undefined;
  /** The same without the breaks of lines: structured fields are cut where the line is full, in the middle of a word. */
  joined: string;
  /** Where its lines begin in {@link RawStatement.entryLines}; they end where those of the next entry begin. */
  readonly firstLine: number;
}

/** A field by its tag. */
export interface RawField {
  readonly tag: string;
  readonly text: string;
}

/** A statement or interim report, or one page of it, as it stands in the file. */
export interface RawStatement {
  readonly line: number;
  readonly offset: number;
  reference: string;
  account: string;
  number: string;
  /** 60F or 60M. */
  opening: RawField | undefined;
  /** 62F or 62M. */
  closing: RawField | undefined;
  /** What interim reports have instead of balances: 34F, 13 or 13D, 90C and 90D. */
  readonly interim: RawField[];
  /** It is larger than the limits: its entries are left out. */
  oversized: boolean;
  /** All of it is ASCII, so that its texts need no decoding. */
  isAscii: boolean;
  readonly entries: RawEntry[];
  /** The lines of its entries, tags included. */
  readonly entryLines: string[];
  /** Its lines outside entries. */
  readonly lines: string[];
}

/** An entry as it stands in the file, tags included. @param index of the entry */
export function rawOf({ entries, entryLines }: RawStatement, index: number): string {
  return entryLines.slice(entries[index]!.firstLine, entries[index + 1]?.firstLine).join('\n');
}

/** The most of a file that one statement may take, because a statement is held in memory until its end is known. */
export interface StatementLimits {
  readonly bytes: number;
  readonly lines: number;
}

export const STATEMENT_LIMITS: StatementLimits = { bytes: 67_108_864, lines: 1_000_000 };
