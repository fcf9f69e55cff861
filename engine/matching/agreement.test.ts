import { CHECKS, themeOf, WILD, type Batch } from '../testing/agreement-batch.ts';
import { AGREED } from '../testing/agreed.ts';
import { expectAgreement } from '../testing/expect-agreement.ts';

/**
 * The kernel against the reference matcher, and against itself, on a mixture of all features that are agreed on.
 * More, or others: COUNTERFOIL_FEATURES=groups,late COUNTERFOIL_RUNS=500 COUNTERFOIL_SEED=1.
 */
const isAsked = process.env['COUNTERFOIL_FEATURES'] !== undefined;

function batches(name: string, theme: Batch['theme']): { [name: string]: Batch } {
  return Object.fromEntries(CHECKS.map((check) => [`${name}, ${check}`, { theme, check, records: 12_000 }]));
}

expectAgreement({
  ...batches('any mixture', themeOf(AGREED)),
  ...(isAsked ? {} : batches('wild pairs', WILD)),
});
