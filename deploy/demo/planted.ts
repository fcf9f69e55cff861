/** The troubles put into the demo's day, counted as they are put in, so that what is found can be held against them. */
export interface Planted {
  /** Gateway charges that the ledger lacks: each breaks as `unmatched`. */
  missingInLedger: number;
  /** Sales in the ledger that the gateway declined: each breaks as `unmatched`. */
  missingAtGateway: number;
  /** Ledger entries keyed with another amount: each pair breaks as `amount`. */
  wrongAmount: number;
  /** Ledger entries some fils off, within the tolerance: each matches, with its difference. */
  roundingDifference: number;
  /** Ledger entries posted after their window: each is matched after all. */
  lateLedgerEntry: number;
  /** Gateway records delivered a second time: each is a duplicate. */
  duplicateDelivery: number;
  /** Rows that are no record: each is a dead letter. */
  deadLetter: number;
  /** Charges of the bank that the cash book does not know: each breaks as `unmatched`. */
  bankCharge: number;
  /** Payouts that the bank did not credit: each breaks as `unmatched`. */
  missingCredit: number;
  /** Payouts credited short by more than the tolerance: each breaks as `amount`. */
  shortCredit: number;
  /** Payouts credited less a transfer fee within the tolerance: each matches, with its difference. */
  transferFee: number;
  /** Credits that the bank lists days after their value date: each is matched after all. */
  backValuedCredit: number;
  /** Cash deposits without a reference: each is matched by the second rule. */
  creditWithoutReference: number;
}

export function nothingPlanted(): Planted {
  return {
    missingInLedger: 0,
    missingAtGateway: 0,
    wrongAmount: 0,
    roundingDifference: 0,
    lateLedgerEntry: 0,
    duplicateDelivery: 0,
    deadLetter: 0,
    bankCharge: 0,
    missingCredit: 0,
    shortCredit: 0,
    transferFee: 0,
    backValuedCredit: 0,
    creditWithoutReference: 0,
  };
}

/** What must be found once the windows of everything planted have closed. */
export function expectedOf(planted: Planted): {
  readonly breaks: { readonly unmatched: number; readonly amount: number };
  readonly duplicates: number;
  readonly deadLetters: number;
} {
  return {
    breaks: {
      unmatched:
        planted.missingInLedger + planted.missingAtGateway + planted.bankCharge + planted.missingCredit,
      amount: planted.wrongAmount + planted.shortCredit,
    },
    duplicates: planted.duplicateDelivery,
    deadLetters: planted.deadLetter,
  };
}

/** What was planted, in words, without what was not. */
export function describePlanted(planted: Planted): [what: string, count: number][] {
  const words: { readonly [trouble in keyof Planted]: string } = {
    missingInLedger: 'charges that the ledger lacks',
    missingAtGateway: 'sales in the ledger that the gateway declined',
    wrongAmount: 'ledger entries keyed with a wrong amount',
    roundingDifference: 'ledger entries some fils off, within tolerance',
    lateLedgerEntry: 'ledger entries posted after their window',
    duplicateDelivery: 'gateway records delivered twice',
    deadLetter: 'rows that are no record',
    bankCharge: 'bank charges that the cash book does not know',
    missingCredit: 'payouts that the bank did not credit',
    shortCredit: 'payouts credited short',
    transferFee: 'payouts less a transfer fee, within tolerance',
    backValuedCredit: 'credits listed days after their value date',
    creditWithoutReference: 'cash deposits without a reference',
  };
  return (Object.keys(words) as (keyof Planted)[])
    .filter((trouble) => planted[trouble] > 0)
    .map((trouble) => [words[trouble], planted[trouble]]);
}
