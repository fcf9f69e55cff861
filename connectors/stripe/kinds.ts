import type { RecordKind } from '../../engine/domain/index.ts';

/**
 * What kind of record a balance transaction is, by its `reporting_category`, which tells apart what `type` mixes
 * (disputes, their reversals and failed refunds are all adjustments there). Source:
 * docs.stripe.com/reports/reporting-categories.
 */
const KINDS: ReadonlyMap<string, RecordKind> = new Map([
  ['charge', 'charge'],
  // A payment by another method than a card that failed after it had succeeded.
  ['charge_failure', 'captureReversal'],
  ['partial_capture_reversal', 'captureReversal'],
  ['refund', 'refund'],
  ['refund_failure', 'refundFailure'],
  ['dispute', 'chargeback'],
  ['dispute_reversal', 'chargebackReversal'],
  ['fee', 'fee'],
  ['network_cost', 'fee'],
  ['tax', 'fee'],
  ['platform_earning', 'fee'],
  ['platform_earning_refund', 'fee'],
  ['payout', 'payout'],
  // Failed or cancelled.
  ['payout_reversal', 'payoutFailure'],
  ['topup', 'transfer'],
  ['topup_reversal', 'transfer'],
  ['transfer', 'transfer'],
  ['transfer_reversal', 'transfer'],
  ['connect_collection_transfer', 'transfer'],
]);

/** Categories of money that is set aside, and given back under the same name. */
const RESERVES: ReadonlySet<string> = new Set([
  'risk_reserved_funds',
  'connect_reserved_funds',
  'payout_minimum_balance_hold',
  'payout_minimum_balance_release',
]);

/** Every other category moves money too: it is an `adjustment`, and its name is kept as an attribute. */
export function kindOf(category: string, isNegative: boolean): RecordKind {
  if (RESERVES.has(category)) return isNegative ? 'reserveHold' : 'reserveRelease';
  return KINDS.get(category) ?? 'adjustment';
}
