/** The troubles put into the demo's days, counted as they are put in, so that what is found can be held against them. */
export interface Planted {
  /** Orders that no gateway was ever paid for: each breaks as `unmatched`. */
  unknownOrder: number;
  /** Charges whose order the ledger lacks: each breaks as `unmatched`. */
  missingOrder: number;
  /** Orders entered with another amount: each breaks with its charge as `amount`. */
  wrongAmount: number;
  /** Orders entered a second time, under another number: each breaks as `duplicate`. */
  orderTwice: number;
  /** Orders entered long after their window: each is matched after all, and heals the break that its charge was in. */
  lateOrder: number;
  /** Entries that are no record: each is a dead letter. */
  noRecord: number;
  /** Payouts that the bank never books: each breaks as `unmatched`. */
  missingCredit: number;
  /** Charges of the bank that nobody announced: each breaks as `unmatched`. */
  bankCharge: number;
}

export function nothingPlanted(): Planted {
  return {
    unknownOrder: 0,
    missingOrder: 0,
    wrongAmount: 0,
    orderTwice: 0,
    lateOrder: 0,
    noRecord: 0,
    missingCredit: 0,
    bankCharge: 0,
  };
}

/** What must be found once everything has happened and all windows have closed. */
export interface Expected {
  /** Open breaks by kind, of all reconciliations; no other kind may be open. */
  readonly breaks: { readonly unmatched: number; readonly amount: number; readonly duplicate: number };
  readonly deadLetters: number;
}

export function expectedOf(planted: Planted): Expected {
  return {
    breaks: {
      unmatched: planted.unknownOrder + planted.missingOrder + planted.missingCredit + planted.bankCharge,
      amount: planted.wrongAmount,
      duplicate: planted.orderTwice,
    },
    deadLetters: planted.noRecord,
  };
}

/** Whether that has been found, all of it and nothing else, and no record waits for another any more. */
export function isAsExpected(
  found: {
    readonly breaks: { readonly [kind: string]: number };
    readonly deadLetters: number;
    readonly pending: number;
  },
  expected: Expected,
): boolean {
  const kinds = new Set([...Object.keys(found.breaks), ...Object.keys(expected.breaks)]);
  const wanted: { readonly [kind: string]: number } = expected.breaks;
  return (
    [...kinds].every((kind) => (found.breaks[kind] ?? 0) === (wanted[kind] ?? 0)) &&
    found.deadLetters === expected.deadLetters &&
    found.pending === 0
  );
}

/** What was planted, in words, without what was not. */
export function describePlanted(planted: Planted): [what: string, count: number][] {
  const words: { readonly [trouble in keyof Planted]: string } = {
    unknownOrder: 'orders that no gateway knows',
    missingOrder: 'charges whose order the ledger lacks',
    wrongAmount: 'orders entered with a wrong amount',
    orderTwice: 'orders entered twice',
    lateOrder: 'orders entered days late',
    noRecord: 'entries that are no record',
    missingCredit: 'payouts that the bank never books',
    bankCharge: 'bank charges that nobody announced',
  };
  return (Object.keys(words) as (keyof Planted)[])
    .filter((trouble) => planted[trouble] > 0)
    .map((trouble) => [words[trouble], planted[trouble]]);
}
