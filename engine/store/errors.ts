import { CounterfoilError, type ErrorCode } from '../domain/index.ts';

/** ClickHouse's error numbers that mean something other than "refused". */
const BY_NUMBER: ReadonlyMap<number, ErrorCode> = new Map([
  [159, 'timeout'], // TIMEOUT_EXCEEDED
  [202, 'overloaded'], // TOO_MANY_SIMULTANEOUS_QUERIES
  [209, 'storeUnreachable'], // SOCKET_TIMEOUT
  [210, 'storeUnreachable'], // NETWORK_ERROR
  [243, 'diskFull'], // NOT_ENOUGH_SPACE
  [252, 'overloaded'], // TOO_MANY_PARTS
]);

/** Numbers under which ClickHouse quotes the rows it could not read. */
const QUOTES_ROWS: ReadonlySet<number> = new Set([
  6, 26, 27, 33, 38, 41, 53, 69, 72, 117, 130, 131, 321, 691,
]);

const NETWORK =
  /ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EPIPE|socket hang up|certificate/;
const NO_SPACE = /ENOSPC|No space left on device|NOT_ENOUGH_SPACE/;

/**
 * An error of ClickHouse, the network or the file system as one of the closed set, with one line.
 * @param what what was tried: `insert into records`
 * @param target where: `the embedded ClickHouse in DIR`, or host and port; never credentials
 */
export function toStoreError(cause: unknown, what: string, target: string): CounterfoilError {
  if (cause instanceof CounterfoilError) return cause;
  const text = describe(cause);
  const number = numberOf(cause);
  const make = (code: ErrorCode, message: string): CounterfoilError =>
    new CounterfoilError(code, message, { cause });
  if (BY_NUMBER.get(number) === 'diskFull' || NO_SPACE.test(text)) {
    return make(
      'diskFull',
      `${what}: no space left for ${target}; free some, then start again: nothing acknowledged is lost`,
    );
  }
  const known = BY_NUMBER.get(number);
  if (known !== undefined) return make(known, `${what}: ${target} answered ${oneLine(cause, number)}`);
  if (!Number.isNaN(number)) {
    return make('storeRejected', `${what}: ${target} refused it: ${oneLine(cause, number)}`);
  }
  if (/^Timeout error/.test(text) || text.includes('ETIMEDOUT')) {
    return make('timeout', `${what}: ${target} did not answer in time`);
  }
  if (NETWORK.test(text)) {
    return make(
      'storeUnreachable',
      `${what}: ${target} cannot be reached (${networkReason(text)}); check store.url and that ClickHouse runs there`,
    );
  }
  return make('storeRejected', `${what}: ${target} failed: ${cut(text)}`);
}

/** What a ClickHouseError says; its class differs between the client and chDB, which has its own copy of it. */
interface ServerError {
  readonly message: string;
  readonly code: string;
  readonly type?: string;
}

function numberOf(cause: unknown): number {
  const code = cause instanceof Error ? (cause as Partial<ServerError>).code : undefined;
  return typeof code === 'string' && /^\d+$/.test(code) ? Number(code) : NaN;
}

/** A connection that tried several addresses hides its reasons in a list with an empty message of its own. */
function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const parts = [cause.message, (cause as NodeJS.ErrnoException).code ?? ''];
  if (cause instanceof AggregateError)
    for (const inner of cause.errors as unknown[]) parts.push(describe(inner));
  return parts.filter((part) => part !== '').join(' ');
}

function networkReason(text: string): string {
  return NETWORK.exec(text)?.[0] ?? cut(text);
}

function oneLine(cause: unknown, number: number): string {
  const error = cause as ServerError;
  const name = error.type ?? `error ${number}`;
  if (!QUOTES_ROWS.has(number)) return `${name} (${number}): ${cut(error.message)}`;
  // Rows may hold what a log must not: only the place and the column are told.
  const row = /\(at row (\d+)\)/.exec(error.message)?.[1];
  const column = /name: (\w+), +type: [^,\n]+, +ERROR/.exec(error.message)?.[1];
  return `${name} (${number})${row === undefined ? '' : ` at row ${row}`}${column === undefined ? '' : `, column ${column}`}`;
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 300 ? line : `${line.slice(0, 300)}…`;
}
