/**
 * Where in the log a result was caused. Each result of a message has its own `n`. As text it is the result's
 * identifier: `epoch-partition-sequence-n`.
 */
export interface Position {
  /** Changes when a stream is re-created. */
  readonly epoch: number;
  readonly partition: number;
  /** Stream sequence of the message; in the file command the record's number in processing order, from 1. */
  readonly sequence: number;
  /** Number of the result among those of its message, from 0. */
  readonly n: number;
}

export function formatPosition(epoch: number, partition: number, sequence: number, n: number): string {
  return `${epoch}-${partition}-${sequence}-${n}`;
}

const TEXT = /^(\d{1,10})-(\d{1,5})-(\d{1,16})-(\d{1,10})$/;

/** Reads an identifier back; undefined if it is not one. */
export function parsePosition(text: string): Position | undefined {
  const parts = TEXT.exec(text);
  if (parts === null) return undefined;
  return { epoch: +parts[1]!, partition: +parts[2]!, sequence: +parts[3]!, n: +parts[4]! };
}
