import { agreedOf, DECIDED } from '../../testing/agreed.ts';
import { expectAgreement } from '../../testing/expect-agreement.ts';

const LIFE = agreedOf('twins', 'overdue', 'pools', 'groups', 'late', 'partial', 'contra', 'hold');

expectAgreement({
  'life, watermark by sources': { theme: LIFE, check: 'bySources', records: 130_000 },
  'life, watermark by records': { theme: LIFE, check: 'byRecords', records: 40_000 },
  'decisions, watermark by sources': { theme: DECIDED, check: 'bySources', records: 60_000 },
  'decisions, watermark by records': { theme: DECIDED, check: 'byRecords', records: 20_000 },
});
