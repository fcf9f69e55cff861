import { agreedOf } from '../../testing/agreed.ts';
import { expectAgreement } from '../../testing/expect-agreement.ts';

const GROUPS = agreedOf(
  'language',
  'groups',
  'captureAll',
  'contra',
  'late',
  'partial',
  'fees',
  'fx',
  'pools',
  'hold',
);

expectAgreement({
  'groups, watermark by sources': { theme: GROUPS, check: 'bySources', records: 270_000 },
  'groups, watermark by records': { theme: GROUPS, check: 'byRecords', records: 70_000 },
});
