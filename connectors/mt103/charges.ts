import { CounterfoilError, exponentOf, formatMinor } from '../../engine/domain/index.ts';
import type { Sum } from './fields.ts';
import type { Direction } from './settings.ts';

/** What the amounts of a message are, as they stand there. */
export interface StatedAmounts {
  /** `:32A:` */
  readonly settled: Sum;
  /** `:33B:` */
  readonly instructed: Sum | undefined;
  /** `:71F:`, what banks on the way took out of the amount. */
  readonly sendersCharges: readonly Sum[];
  /** `:71G:`, what the payer paid for the beneficiary's bank. */
  readonly receiversCharges: Sum | undefined;
}

/** What they come to for our account: its balance changes by amount − fee. Minor units of the settled currency. */
export interface AccountMovement {
  readonly amount: bigint;
  /** A cost of ours, positive. */
  readonly fee: bigint;
  /** Why the amounts do not come to each other, and by how much. */
  readonly residual?: { readonly amount: bigint; readonly why: string };
}

/**
 * What our account gains or loses. By the standard (SWIFT User Handbook, MT 103, usage rules for amount related fields)
 * instructed × rate + receiver's charges − sender's charges is the settled amount. So the beneficiary is credited what is
 * settled without the receiver's charges, and short of what was instructed by the sender's; the payer is debited what is
 * settled with the sender's charges. Where the amounts of one currency do not come to each other, charges explain
 * nothing, and only what was settled counts.
 * @throws CounterfoilError `amountOutOfRange`
 */
export function movementOf(stated: StatedAmounts, direction: Direction): AccountMovement {
  const { settled, instructed, receiversCharges } = stated;
  const sign = direction === 'incoming' ? 1n : -1n;
  const taken = sumIn(settled.currency, stated.sendersCharges);
  let prepaid = sumIn(settled.currency, receiversCharges === undefined ? [] : [receiversCharges]);
  if (instructed?.currency === settled.currency && taken !== undefined && prepaid !== undefined) {
    let residual = instructed.amount + prepaid - taken - settled.amount;
    // Some banks bill the receiver's charges apart, and settle what was instructed.
    if (residual !== 0n && residual === prepaid) {
      prepaid = 0n;
      residual = 0n;
    }
    if (residual !== 0n) {
      return { amount: checked(sign * settled.amount), fee: 0n, residual: explained(stated, residual) };
    }
  }
  const [before, after] = [taken ?? 0n, prepaid ?? 0n];
  return direction === 'incoming'
    ? { amount: checked(settled.amount - after + before), fee: before }
    : { amount: checked(after - settled.amount), fee: checked(before + after) };
}

/** Of charges in the settled currency their sum; undefined where one is in another. */
function sumIn(currency: string, charges: readonly Sum[]): bigint | undefined {
  if (charges.some((charge) => charge.currency !== currency)) return undefined;
  return charges.reduce((sum, { amount }) => sum + amount, 0n);
}

function explained({ settled, instructed, sendersCharges, receiversCharges }: StatedAmounts, amount: bigint) {
  const charges = [
    ...(receiversCharges === undefined ? [] : [`+ ${written(receiversCharges)} (:71G:)`]),
    ...sendersCharges.map((charge) => `- ${written(charge)} (:71F:)`),
  ].join(' ');
  const why = `${written(instructed!)} (:33B:) ${charges}${charges === '' ? '' : ' '}is not ${written(settled)} (:32A:): ${written({ ...settled, amount })} over; only what was settled is taken`;
  return { amount, why };
}

/** Such as `12.50 AED`. */
export function written({ currency, amount }: Sum): string {
  return `${formatMinor(amount, exponentOf(currency))} ${currency}`;
}

/** An amount that the log can carry. */
function checked(amount: bigint): bigint {
  if (Number.isSafeInteger(Number(amount))) return amount;
  throw new CounterfoilError(
    'amountOutOfRange',
    `the amounts come to ${amount} minor units, which is out of range`,
  );
}
