import { pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';
import { censorFields, censorLine } from './redact.ts';

export type Logger = PinoLogger;

type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LoggerOptions {
  /** Default `info`. */
  readonly level?: LogLevel;
  /** Which part of the system speaks: `api`, `engine`, `connectors`, `up`. */
  readonly role?: string;
  /** Literal values that must never appear in a line, such as configured passwords; shorter than 6 characters are ignored. */
  readonly secrets?: readonly string[];
  /** Where lines go; standard error by default, so that standard output stays free for results. */
  readonly destination?: DestinationStream;
}

/**
 * A logger that writes one JSON object a line: `time` (ISO 8601), `level` (by name), `role`, `msg` and fields. Secrets
 * are masked by field name, inside URLs and by value. Writing is synchronous, so that the last line before a crash
 * is not lost; the log carries facts about batches and requests, never one line a record.
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  // A secret stands in the line as JSON writes it, with its quotes and backslashes escaped.
  const secrets = (options.secrets ?? [])
    .filter((secret) => secret.length >= 6)
    .map((secret) => JSON.stringify(secret).slice(1, -1));
  return pino(
    {
      level: options.level ?? 'info',
      base: options.role === undefined ? {} : { role: options.role },
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: censorFields,
      },
      hooks: { streamWrite: (line) => censorLine(line, secrets) },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
