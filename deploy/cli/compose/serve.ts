import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import type { Config } from '../../../engine/config/index.ts';
import { loadConfig } from '../../../engine/config/index.ts';
import { createLogger, createMetrics } from '../../../engine/telemetry/index.ts';
import type { Logger } from '../../../engine/telemetry/index.ts';
import { EXIT_ERROR, reportError } from '../exit.ts';
import { Progress } from '../reconcile/progress.ts';
import type { Role, Running, StartOptions } from './start.ts';
import { start } from './start.ts';
import { onStopSignals } from './stop-signals.ts';

const PHASE_INTERVAL_MS = 250;
/** After everything is closed nothing should keep the process; if something does, it is not waited for. */
const LINGER_MS = 3000;
/** Each part's own bound comes first. */
const STOP_MARGIN_MS = 15_000;

/**
 * Runs roles until a signal or a failure ends them.
 * @param file path of the configuration
 * @returns the exit status
 * @throws CounterfoilError where they do not start
 */
export async function serve(file: string, roles: readonly Role[], embedded: boolean): Promise<number> {
  const { config, directory } = loadConfig(file, CONNECTOR_SCHEMAS);
  const signals = onStopSignals(() => process.stderr.write('counterfoil: ended at once\n'));
  void signals.asked.then(() => endAfter(config.engine.stopTimeout + STOP_MARGIN_MS));
  try {
    const logger = loggerOf(config, embedded ? 'up' : roles.join('+'));
    const metrics = createMetrics();
    const running = await startShowingPhases({ config, directory, roles, embedded, logger, metrics });
    if (!signals.isAsked()) process.stdout.write(announcement(config, roles, running));
    const outcome = await Promise.race([signals.asked, running.failed]);
    if (typeof outcome !== 'string') reportError(outcome, false);
    process.stderr.write('counterfoil: stopping\n');
    await running.stop();
    leave(typeof outcome === 'string' ? 0 : EXIT_ERROR);
    return typeof outcome === 'string' ? 0 : EXIT_ERROR;
  } finally {
    signals.release();
  }
}

/** The process's own log, with the configured secrets masked. */
function loggerOf(config: Config, role: string): Logger {
  const headers = Object.values(config.ratesSources).flatMap((source) => Object.values(source.headers));
  const secrets = [config.stream.password, config.store.password, ...headers].filter(
    (secret) => secret !== undefined,
  );
  return createLogger({ level: config.log.level, role, secrets });
}

/** Starts, saying on standard error what it is at once that takes longer than a second. */
async function startShowingPhases(options: StartOptions): Promise<Running> {
  const progress = new Progress();
  let phase = 'starting';
  const ticker = setInterval(() => progress.show(() => `counterfoil: ${phase}`), PHASE_INTERVAL_MS);
  try {
    return await start({
      ...options,
      onPhase: (next) => {
        phase = next;
        options.onPhase?.(next);
      },
    });
  } finally {
    clearInterval(ticker);
    progress.end();
  }
}

/** However far starting or stopping has come: an orderly stop has a bound, and what was acknowledged is safe. */
function endAfter(ms: number): void {
  setTimeout(() => {
    process.stderr.write(`counterfoil: did not stop within ${ms / 1000} s, ended at once\n`);
    process.kill(process.pid, 'SIGKILL');
  }, ms).unref();
}

/** Ends the process if something still holds it once everything is closed. */
export function leave(exitCode: number): void {
  setTimeout(() => process.exit(exitCode), LINGER_MS).unref();
}

function announcement(config: Config, roles: readonly Role[], { apiUrl }: Running): string {
  const lines = [`counterfoil runs: ${roles.join(', ')}`];
  if (apiUrl !== undefined) lines.push(`  API   ${apiUrl}`, `  docs  ${apiUrl}/docs`);
  if (roles.includes('engine')) lines.push(`  data  ${config.dataDir}`);
  return `${lines.join('\n')}\nCtrl-C stops it in an orderly way.\n`;
}
