import { CounterfoilError } from '../../engine/domain/index.ts';

/** Exit status of an error, and of breaks where they were asked to fail. */
export const EXIT_ERROR = 1;
export const EXIT_BREAKS = 2;
/** Exit status of a statement of nothing: a check that had nothing to look at was not passed. */
export const EXIT_EMPTY = 3;

/** Says what went wrong on standard error: one line for each thing wrong, with the stack only where asked for. */
export function reportError(error: unknown, debug: boolean): void {
  const known = error instanceof CounterfoilError;
  const { code, message, stack } = CounterfoilError.from(error);
  const text = message === '' ? 'something went wrong without a message' : message;
  for (const line of text.split('\n')) process.stderr.write(`counterfoil: ${line}\n`);
  if (debug) {
    process.stderr.write(`code: ${code}\n${stack ?? ''}\n`);
    const { cause } = CounterfoilError.from(error);
    if (cause instanceof Error) process.stderr.write(`cause: ${cause.stack ?? cause.message}\n`);
  } else if (!known) {
    process.stderr.write(
      'counterfoil: this was not foreseen; run again with --debug and report what it says\n',
    );
  }
}
