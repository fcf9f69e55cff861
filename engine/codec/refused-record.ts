import { CounterfoilError } from '../domain/index.ts';
import type { MoneyRecord } from '../domain/index.ts';

/** What the engine says of a whole record that it does not take: the payload of the dead letter is then the record. */
const REFUSED_WHOLE: ReadonlySet<string> = new Set(['unknownSource', 'idConflict']);

/** Whether the payload of a dead letter with this code is a record, as {@link refusedPayload} writes it. */
export function isRefusedWhole(code: string): boolean {
  return REFUSED_WHOLE.has(code);
}

/** A record as the payload of a dead letter: JSON, with amounts as texts of minor units. */
export function refusedPayload(record: MoneyRecord): string {
  return JSON.stringify(record, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

/**
 * The record that {@link refusedPayload} made a text of.
 * @throws CounterfoilError `invalidField` where the text was cut
 */
export function readRefused(payload: string): MoneyRecord {
  const { amount, fee, tax, original, groupTotal, ...rest } = parse(payload);
  return {
    ...rest,
    amount: BigInt(amount),
    fee: BigInt(fee),
    tax: BigInt(tax),
    ...(original === undefined ? {} : { original: { ...original, amount: BigInt(original.amount) } }),
    ...(groupTotal === undefined ? {} : { groupTotal: BigInt(groupTotal) }),
  };
}

/** A record whose amounts are texts. */
type Written = Omit<MoneyRecord, 'amount' | 'fee' | 'tax' | 'original' | 'groupTotal'> & {
  readonly amount: string;
  readonly fee: string;
  readonly tax: string;
  readonly original?: { readonly amount: string; readonly currency: string };
  readonly groupTotal?: string;
};

function parse(payload: string): Written {
  try {
    return JSON.parse(payload) as Written;
  } catch (cause) {
    throw new CounterfoilError(
      'invalidField',
      `the record of a dead letter is no JSON (${(cause as Error).message}): it was too long to be kept whole; have its source send it again`,
      { cause },
    );
  }
}
