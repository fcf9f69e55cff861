/** The merchant of the demo: three outlets that take cards, one bank account that the gateway pays into. */

/** Settlement accounts at the gateway, with the letters that their payouts carry. */
export const OUTLETS: readonly { readonly account: string; readonly code: string; readonly name: string }[] =
  [
    { account: 'dubai-mall', code: 'DXM', name: 'DUBAI MALL' },
    { account: 'marina', code: 'MRN', name: 'MARINA WALK' },
    { account: 'online', code: 'WEB', name: 'ONLINE STORE' },
  ];

export const BANK_ACCOUNT = 'bank-aed';
export const ZONE = 'Asia/Dubai';
/** Minutes east of UTC; the Emirates have no summer time. */
const OFFSET_MINUTES = 240;

/** The IBAN of the merchant's account, with its check digits. The bank's code is one that no bank has. */
export const IBAN: string = emiratesIban('099', '0001012345678901');

/** An Emirates IBAN: two check digits (mod 97), three digits of the bank, sixteen of the account. */
export function emiratesIban(bank: string, account: string): string {
  // A = 10, E = 14; the remainder of the whole, with the check digits in place, is to be 1.
  const remainder = BigInt(`${bank}${account}101400`) % 97n;
  return `AE${(98n - remainder).toString().padStart(2, '0')}${bank}${account}`;
}

/** Epoch milliseconds as local wall time with offset: `2026-11-22T14:05:09+04:00`. */
export function localTime(time: number): string {
  return `${new Date(time + OFFSET_MINUTES * 60_000).toISOString().slice(0, 19)}+04:00`;
}

/** The local date of a moment, as days since 1970-01-01. */
export function localDay(time: number): number {
  return Math.floor((time + OFFSET_MINUTES * 60_000) / 86_400_000);
}

/** A day as `2026-11-22`. */
export function dayText(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** Fils as dirhams: `-1230` is `-12.30`. */
export function dirhams(fils: number): string {
  const digits = Math.abs(fils).toString().padStart(3, '0');
  return `${fils < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
