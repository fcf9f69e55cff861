import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import { loadConfig } from '../../../engine/config/index.ts';
import { planOf } from './plan.ts';
import { printPlan } from './print-plan.ts';

/**
 * Prints what the matcher makes of a configuration.
 * @throws CounterfoilError `invalidConfig` with one line for each thing wrong, `fileNotFound`, `unreadableFile`
 */
export function explain(file: string, options: { readonly json: boolean }): void {
  const plan = planOf(loadConfig(file, CONNECTOR_SCHEMAS).config);
  process.stdout.write(options.json ? `${JSON.stringify(plan, undefined, 2)}\n` : printPlan(plan));
}
