import { createHash } from 'node:crypto';
import { DAY_MS } from '../../../engine/domain/index.ts';
import type { LocalDay } from '../../../engine/domain/index.ts';
import { chanceOf, tokenOf } from '../seeded.ts';
import type { ExpectedRecord } from '../scenario/index.ts';

/** The bank is in Dubai, where clocks are four hours ahead of UTC the whole year. */
export const BANK_ZONE = 'Asia/Dubai';
const OFFSET_MS = 4 * 3_600_000;
/** Digits of the bank in its IBANs; no bank in the UAE is meant. */
const BANK_CODE = '999';
const BIC = 'SIMUAEAD';
export const BANK_TERMINAL = `${BIC}AXXX`;

/** The local day of a moment. */
export function localDay(ms: number): LocalDay {
  return Math.floor((ms + OFFSET_MS) / DAY_MS);
}

/** When a local day starts, epoch milliseconds. */
export function startOfLocalDay(day: LocalDay): number {
  return day * DAY_MS - OFFSET_MS;
}

/** A moment as the bank's clocks show it, in parts of ISO 8601. */
export function localTime(ms: number): { readonly date: string; readonly time: string } {
  const [date = '', time = ''] = new Date(ms + OFFSET_MS).toISOString().split('T');
  return { date, time: time.slice(0, 5) };
}

/** The IBAN of a merchant's account in a currency: each currency has its own. Check digits by ISO 13616. */
export function ibanOf(merchant: string, currency: string): string {
  const number =
    createHash('sha256').update(`${merchant}/${currency}`).digest().readBigUInt64BE() % 10n ** 16n;
  const basic = BANK_CODE + String(number).padStart(16, '0');
  // A is 10, E is 14; the check digits are 00 while they are reckoned.
  const check = 98n - (BigInt(`${basic}101400`) % 97n);
  return `AE${String(check).padStart(2, '0')}${basic}`;
}

/** What the bank's papers say of a line beside its amount and day. */
export interface LineFacts {
  /** The bank's own, of 16 letters and digits. */
  readonly bankReference: string;
  /** Of the payment behind it, end to end: a UUID of version 4. */
  readonly uetr: string;
  /** Minor units: what banks on the way took out of a credit. */
  readonly charge: bigint;
}

/** Depends on the line's id alone, so that what is expected of it is known without the bank's books. */
export function factsOf({ id, amount }: Pick<ExpectedRecord, 'id' | 'amount'>): LineFacts {
  const hex = createHash('sha256').update(`uetr/${id}`).digest('hex');
  const uetr = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  const isCharged = amount > 0n && chanceOf('charged', id) < 0.4;
  return {
    bankReference: tokenOf(16, 'bank', id).toUpperCase(),
    uetr,
    charge: isCharged ? BigInt(50 + Math.floor(chanceOf('charge', id) * 5000)) : 0n,
  };
}
