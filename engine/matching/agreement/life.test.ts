import { agreedOf } from '../../testing/agreed.ts';
import { expectAgreement } from '../../testing/expect-agreement.ts';

const LIFE = agreedOf('twins', 'overdue', 'replace', 'pools', 'groups', 'late', 'partial', 'contra', 'hold');
const DECISIONS = agreedOf(
  'commands',
  'rules',
  'language',
  'groups',
  'captureAll',
  'contra',
  'late',
  'partial',
  'pools',
  'hold',
  'fx',
);

expectAgreement({
  'life, watermark by sources': { theme: LIFE, check: 'bySources', records: 130_000 },
  'life, watermark by records': { theme: LIFE, check: 'byRecords', records: 40_000 },
  'decisions, watermark by sources': { theme: DECISIONS, check: 'bySources', records: 60_000 },
  'decisions, watermark by records': { theme: DECISIONS, check: 'byRecords', records: 20_000 },
});
