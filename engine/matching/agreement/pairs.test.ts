import { WILD } from '../../testing/agreement-batch.ts';
import { agreedOf } from '../../testing/agreed.ts';
import { expectAgreement } from '../../testing/expect-agreement.ts';

const PAIRS = agreedOf('language', 'hold', 'pools', 'fees', 'fx', 'twins', 'overdue');

expectAgreement({
  'pairs, watermark by sources': { theme: PAIRS, check: 'bySources', records: 120_000 },
  'pairs, watermark by records': { theme: PAIRS, check: 'byRecords', records: 50_000 },
  'pairs as wild as they come': { theme: WILD, check: 'bySources', records: 110_000 },
  'wild pairs, watermark by records': { theme: WILD, check: 'byRecords', records: 50_000 },
});
