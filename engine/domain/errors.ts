/**
 * What to do about an error:
 * - `retryable`: the same call may succeed later (a timeout, a full stage, a broker that is away);
 * - `poison`: this input can never succeed; it becomes a dead letter and its source goes on;
 * - `fatal`: the process must stop, because going on would lose or double something.
 */
export type Disposition = 'retryable' | 'poison' | 'fatal';

/**
 * Every code a {@link CounterfoilError} can carry, with its disposition. The set is closed: match on `code`.
 */
const ERROR_CODES = {
  // Input that cannot become a record.
  invalidRecord: 'poison',
  invalidAmount: 'poison',
  amountOutOfRange: 'poison',
  unknownCurrency: 'poison',
  invalidTime: 'poison',
  invalidField: 'poison',
  netMismatch: 'poison',
  unknownAccount: 'poison',
  unknownSource: 'poison',
  idConflict: 'poison',
  malformedRow: 'poison',
  malformedStatement: 'poison',
  statementConflict: 'poison',
  undecodableFrame: 'poison',
  payloadTooLarge: 'poison',
  // A provider's webhook that is not taken, and answers of a provider's API by what can be done about them.
  deliveryUnverified: 'poison',
  deliveryStale: 'poison',
  malformedDelivery: 'poison',
  providerRefused: 'poison',
  providerContract: 'poison',
  providerAuth: 'retryable',
  providerRateLimited: 'retryable',
  providerUnreachable: 'retryable',
  // Settings and the command line.
  invalidConfig: 'fatal',
  invalidRule: 'fatal',
  fileNotFound: 'fatal',
  unreadableFile: 'fatal',
  portInUse: 'fatal',
  missingDependency: 'fatal',
  // State that must not be built upon.
  logGap: 'fatal',
  logMismatch: 'fatal',
  checkpointMismatch: 'fatal',
  checkpointUnreadable: 'fatal',
  dataDirectoryLocked: 'fatal',
  rulesRefused: 'fatal',
  openRecordsLimit: 'fatal',
  sumOutOfRange: 'fatal',
  leaseLost: 'fatal',
  shardDied: 'fatal',
  diskFull: 'fatal',
  internal: 'fatal',
  // Other systems.
  brokerUnreachable: 'retryable',
  storeUnreachable: 'retryable',
  storeRejected: 'fatal',
  timeout: 'retryable',
  overloaded: 'retryable',
  stopping: 'retryable',
} as const satisfies { readonly [code: string]: Disposition };

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error in the form that crosses threads and the wire: the class, name and prototype do not survive. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly stack?: string;
}

/**
 * The one error class. The message says what was found, where, and what to do about it, in one line, and never
 * carries a secret or a card number.
 */
export class CounterfoilError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CounterfoilError';
    this.code = code;
  }

  get disposition(): Disposition {
    return ERROR_CODES[this.code];
  }

  toPlain(): PlainError {
    return {
      code: this.code,
      message: this.message,
      ...(this.stack === undefined ? {} : { stack: this.stack }),
    };
  }

  /** Rebuilds an error that crossed a thread. */
  static fromPlain(plain: PlainError): CounterfoilError {
    const error = new CounterfoilError(plain.code, plain.message);
    if (plain.stack !== undefined) error.stack = plain.stack;
    return error;
  }

  /** `cause` as a CounterfoilError: itself if it is one, else wrapped under `code` with its own message. */
  static from(cause: unknown, code: ErrorCode = 'internal'): CounterfoilError {
    if (cause instanceof CounterfoilError) return cause;
    return new CounterfoilError(code, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
