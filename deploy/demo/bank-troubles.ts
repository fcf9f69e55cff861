import type { BankLine, Happening } from '../../connectors/simulators/scenario/index.ts';
import type { Planted } from './planted.ts';

/** Credits that the bank loses, and after which it takes a charge, by their number among its lines. */
const LOST = new Set([4, 11]);
const CHARGED = new Set([2, 7, 15]);
/** The yearly fee of an account with VAT, in fils. */
const CHARGE = -5250n;

/**
 * The same happenings with trouble at the bank: it never books some payouts that nobody told had failed, and takes charges
 * that nobody announced. Each is counted when it happens.
 */
export function* withBankTroubles(
  happenings: readonly Happening[],
  planted: Planted,
): Generator<Happening, void, undefined> {
  const failed = new Set(
    happenings.flatMap((each) => (each.type === 'payoutFailed' ? [each.payout.id] : [])),
  );
  let lines = 0;
  for (const happening of happenings) {
    if (happening.type !== 'bankLine' || failed.has(happening.line.payout)) {
      yield happening;
      continue;
    }
    lines += 1;
    if (LOST.has(lines)) {
      planted.missingCredit += 1;
      continue;
    }
    yield happening;
    if (!CHARGED.has(lines)) continue;
    planted.bankCharge += 1;
    yield { type: 'bankLine', atMs: happening.atMs, line: chargeAfter(happening.line) };
  }
}

function chargeAfter({ id, merchant, atMs }: BankLine): BankLine {
  return {
    ...{ id: `${id}-charge`, merchant, atMs, currency: 'AED', amount: CHARGE },
    ...{ text: 'ACCOUNT FEE INCL VAT', payout: 'none' },
  };
}
