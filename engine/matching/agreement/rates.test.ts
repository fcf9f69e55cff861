import { agreedOf } from '../../testing/agreed.ts';
import { expectAgreement } from '../../testing/expect-agreement.ts';

/** Rates that are published while records are open, with whatever else a change of rules disturbs. */
const RATES = agreedOf('rates', 'language', 'groups', 'late', 'partial', 'fx', 'pools', 'commands', 'rules');

expectAgreement({
  'published rates, watermark by sources': { theme: RATES, check: 'bySources', records: 25_000 },
  'published rates, watermark by records': { theme: RATES, check: 'byRecords', records: 10_000 },
  'published rates, restored': { theme: RATES, check: 'restores', records: 10_000 },
});
