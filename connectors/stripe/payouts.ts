import type { Translated } from '../../engine/domain/index.ts';
import { at, textAt } from '../contract/index.ts';
import { secondsAt } from './fields.ts';
import type { StripeApi } from './client.ts';
import type { Membership } from './translate.ts';

/** How long after a payout has failed another one takes its money along, in seconds: payouts may be monthly. */
const TAKEN_ALONG_S = 35 * 86_400;

/** Makes a record of a transaction. */
export type Translate = (transaction: unknown, membership?: Membership) => Translated;

/** What is known of a payout by now. */
export interface PayoutState {
  /** Whether its members are known, or never will be. */
  readonly isReconciled: boolean;
  /** Whether its trace id is known, or never will be. */
  readonly isTraced: boolean;
  /** When the bank is to have it, Unix seconds. */
  readonly arrival: number;
}

export function stateOf(payout: unknown): PayoutState {
  return {
    isReconciled: textAt(payout, 'reconciliation_status') !== 'in_progress',
    isTraced: textAt(payout, 'trace_id', 'status') !== 'pending',
    arrival: secondsAt(payout, 'arrival_date') ?? 0,
  };
}

/** A payout and the records that it makes known: its own, that of its failure, and its members with its id. */
export interface ReadPayout {
  readonly payout: unknown;
  /**
   * The members first, as they come. The payout's own record is last: it says how many there are. The payout as it is
   * at this moment decides what is said, so that a late or repeated event says nothing that is no longer true.
   */
  readonly records: () => AsyncIterable<Translated>;
}

/** @throws CounterfoilError as the API's calls do */
export async function readPayout(id: string, api: StripeApi, translate: Translate): Promise<ReadPayout> {
  const payout = await api.payout(id);
  return { payout, records: () => recordsOf(id, payout, api, translate) };
}

async function* recordsOf(
  id: string,
  payout: unknown,
  api: StripeApi,
  translate: Translate,
): AsyncGenerator<Translated> {
  const own = at(payout, 'balance_transaction');
  const failure = at(payout, 'failure_balance_transaction');
  const isKnown = areMembersKnown(payout);
  let count = 0;
  if (isKnown) {
    for await (const member of api.members(id)) {
      if (textAt(member, 'id') === textAt(own, 'id')) continue;
      count++;
      yield translate(member, { payout: id });
    }
  }
  // Expanded from the payout, a transaction names its source by id: here it is the payout itself.
  if (own !== undefined) {
    yield translate({ ...(own as object), source: payout }, isKnown ? { payout: id, count } : undefined);
  }
  if (failure !== undefined) {
    const isTraced = textAt(payout, 'trace_id', 'value') !== undefined;
    const later = isTraced ? await payoutWith(failure, api) : undefined;
    yield translate(
      { ...(failure as object), source: payout },
      later === undefined ? undefined : { payout: later },
    );
  }
}

/**
 * The payout that has taken along what a failed one left in the balance, if it is known by now. Without looking for it,
 * a trace id that comes after it would be a version without the membership.
 */
async function payoutWith(failure: unknown, api: StripeApi): Promise<string | undefined> {
  const from = secondsAt(failure, 'created') ?? 0;
  const candidates: string[] = [];
  for await (const later of api.payouts({ from, to: from + TAKEN_ALONG_S })) {
    const id = textAt(later, 'id');
    const isOfBalance = textAt(later, 'currency') === textAt(failure, 'currency');
    if (id !== undefined && isOfBalance && areMembersKnown(later)) candidates.push(id);
  }
  // Listed newest first; it is the next one as a rule.
  for (const id of candidates.reverse()) {
    for await (const member of api.members(id, textAt(failure, 'type'))) {
      if (textAt(member, 'id') === textAt(failure, 'id')) return id;
    }
  }
  return undefined;
}

/** Of payouts that are made by hand Stripe does not know the members; of others, once it has reconciled them. */
function areMembersKnown(payout: unknown): boolean {
  return at(payout, 'automatic') === true && textAt(payout, 'reconciliation_status') === 'completed';
}
