import { PROVIDERS as ALL_PROVIDERS } from '../../../connectors/simulators/scenario/index.ts';
import type { Provider } from '../../../connectors/simulators/scenario/index.ts';

/** How large the world of the delivery tests is: a few seconds' worth, unless the environment asks for a long run. */

const WANTED = Number(process.env['PAYMENTS'] ?? 0);

/** Whether `PAYMENTS` was set: then progress is printed, and nothing is given up early. */
export const IS_LONG: boolean = WANTED > 0;
/** Sales over all providers. */
export const PAYMENTS: number = IS_LONG ? WANTED : 240;
/** `PROVIDERS=stripe,paypal` leaves the others out. */
export const PROVIDERS = (process.env['PROVIDERS']?.split(',') ?? ALL_PROVIDERS) as readonly Provider[];
export const HAS_ALL_PROVIDERS: boolean = PROVIDERS.length === ALL_PROVIDERS.length;
/** How long one test may take. */
export const LIMIT_MS: number = IS_LONG ? 3_600_000 : 180_000;

/** `COUNTERFOIL_SEED`, or one that differs from run to run. */
export function chosenSeed(): number {
  return Number(process.env['COUNTERFOIL_SEED'] ?? Date.now() % 1_000_000);
}
