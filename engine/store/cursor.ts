import { CounterfoilError, parsePosition, type Position } from '../domain/index.ts';

/** Where a page ended. */
export interface Cursor {
  /** Log time of the last row looked at, epoch milliseconds. */
  readonly logTime: number;
  readonly position: Position;
  /** What was stored later than this log time is not part of the walk. */
  readonly asOf: number;
}

/** A cursor as the opaque text that a client hands back. It names its list, so that it is not used in another. */
export function encodeCursor(list: string, cursor: Cursor): string {
  const { epoch, partition, sequence, n } = cursor.position;
  const text = `${list}/${cursor.asOf}/${cursor.logTime}/${epoch}-${partition}-${sequence}-${n}`;
  return Buffer.from(text).toString('base64url');
}

const TIME = /^-?\d{1,15}$/;
const OPAQUE = /^[A-Za-z0-9_-]{1,200}$/;

/** @throws CounterfoilError `invalidField` for anything that {@link encodeCursor} did not give for this list */
export function decodeCursor(list: string, text: string): Cursor {
  if (OPAQUE.test(text)) {
    const [name, asOf, logTime, place, ...rest] = Buffer.from(text, 'base64url').toString().split('/');
    const position = parsePosition(place ?? '');
    if (
      name === list &&
      position !== undefined &&
      Number.isSafeInteger(position.sequence) &&
      position.epoch < 2 ** 32 &&
      position.partition < 2 ** 16 &&
      position.n < 2 ** 32 &&
      TIME.test(asOf!) &&
      TIME.test(logTime!) &&
      rest.length === 0
    ) {
      return { asOf: Number(asOf), logTime: Number(logTime), position };
    }
  }
  throw new CounterfoilError(
    'invalidField',
    `cursor "${text.slice(0, 40)}" is not one that the list of ${list} gave; use "next" of its last page, or none to start at the first`,
  );
}
