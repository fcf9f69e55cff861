import { agreedOf } from '../../testing/agreed.ts';
import { expectAgreement } from '../../testing/expect-agreement.ts';

const LIFE = agreedOf(
  'commands',
  'rules',
  'replace',
  'twins',
  'overdue',
  'pools',
  'groups',
  'late',
  'partial',
  'contra',
  'hold',
);

expectAgreement({
  'life, watermark by sources': { theme: LIFE, check: 'bySources', records: 190_000 },
  'life, watermark by records': { theme: LIFE, check: 'byRecords', records: 60_000 },
});
