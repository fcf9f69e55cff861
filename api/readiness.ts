import type { Log, ResultStore } from '../engine/domain/index.ts';
import type { ReadinessAnswer } from './deps.ts';

/** Asks the log and the store whether they answer, both at once. */
export function createReadiness(
  log: Pick<Log, 'ping'>,
  store: Pick<ResultStore, 'ping'>,
): () => Promise<ReadinessAnswer> {
  const check = async (
    name: string,
    ping: () => Promise<number>,
  ): Promise<ReadinessAnswer['checks'][number]> => {
    try {
      return { name, ok: true, detail: `answered in ${Math.round(await ping())} ms` };
    } catch (error) {
      return { name, ok: false, detail: error instanceof Error ? error.message : 'does not answer' };
    }
  };
  return async () => {
    const checks = await Promise.all([check('log', () => log.ping()), check('store', () => store.ping())]);
    return { ready: checks.every(({ ok }) => ok), checks };
  };
}
