/** Signals that ask a process to stop in an orderly way. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One press of Ctrl-C may arrive twice, from the terminal and, on a busy machine later, from a process in front of this one. */
const ECHO_MS = 1500;

export interface StopSignals {
  /** Resolves at the first signal. */
  readonly asked: Promise<NodeJS.Signals>;
  /** Whether one has come. */
  readonly isAsked: () => boolean;
  /** Leaves signals to the system again. */
  release(): void;
}

/**
 * Waits for a signal to stop. Another one while stopping ends the process at once, by SIGKILL: leaving in any other
 * way while the embedded database works hangs or crashes, and what was acknowledged is safe.
 */
export function onStopSignals(onSecond: () => void): StopSignals {
  let firstMs: number | undefined;
  let resolve: (signal: NodeJS.Signals) => void = () => undefined;
  const asked = new Promise<NodeJS.Signals>((done) => (resolve = done));
  const listener = (signal: NodeJS.Signals): void => {
    if (firstMs === undefined) {
      firstMs = Date.now();
      resolve(signal);
    } else if (Date.now() - firstMs > ECHO_MS) {
      onSecond();
      process.kill(process.pid, 'SIGKILL');
    }
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    asked,
    isAsked: () => firstMs !== undefined,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}
