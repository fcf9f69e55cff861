import type { Translated } from '../../engine/domain/index.ts';
import { at, textAt } from '../contract/index.ts';
import type { Webhooks } from '../contract/index.ts';
import type { StripeApi } from './client.ts';
import { idAt, listAt, secondsAt } from './fields.ts';
import { readPayout } from './payouts.ts';
import type { Translate } from './payouts.ts';
import type { StripeSettings } from './settings.ts';
import type { TransactionReader } from './transaction-reader.ts';
import { verifyDelivery } from './verify.ts';

/**
 * Members of a payout that one webhook brings. Those of a larger one come by the next poll, in pages: an answer has to be
 * given in time, and in bounded memory.
 */
const MAX_MEMBERS = 5000;

/** Events of a charge that come with its first money; others repeat what refunds and disputes tell themselves. */
const CHARGE_EVENTS: ReadonlySet<string> = new Set(['charge.succeeded', 'charge.captured', 'charge.updated']);

/** What an event is about, as far as money moved; `created` is when the object was made, Unix seconds. */
type Subject =
  | { readonly type: 'transactions'; readonly ids: readonly string[]; readonly created: number | undefined }
  | { readonly type: 'payout'; readonly id: string }
  | { readonly type: 'nothing' };

/**
 * What to fetch for an event. Its own object is a picture of when it was made, in the units and version that the endpoint
 * is set to; so it only tells which balance transactions there are.
 */
function subjectOf(eventType: string, object: unknown): Subject {
  switch (textAt(object, 'object')) {
    case 'charge':
      return CHARGE_EVENTS.has(eventType) ? transactionsOf(object) : { type: 'nothing' };
    case 'refund':
    case 'dispute':
    case 'topup':
    case 'transfer':
      return transactionsOf(object);
    case 'payout': {
      const id = textAt(object, 'id');
      return id === undefined ? { type: 'nothing' } : { type: 'payout', id };
    }
    default:
      return { type: 'nothing' };
  }
}

function transactionsOf(object: unknown): Subject {
  const ids = [
    idAt(object, 'balance_transaction'),
    idAt(object, 'failure_balance_transaction'),
    ...listAt(object, 'balance_transactions').map((each) => idAt({ each }, 'each')),
  ].filter((id) => id !== undefined);
  return { type: 'transactions', ids: [...new Set(ids)], created: secondsAt(object, 'created') };
}

export function stripeWebhooks(
  api: StripeApi,
  reader: Pick<TransactionReader, 'read'>,
  translate: Translate,
  settings: StripeSettings,
): Webhooks {
  return {
    verify: (delivery) => verifyDelivery(delivery, settings),
    async read({ eventType, payload }) {
      const subject = subjectOf(eventType ?? '', at(payload, 'data', 'object'));
      // Of another account, which another source reads.
      if (textAt(payload, 'account') !== undefined && textAt(payload, 'account') !== settings.stripeAccount) {
        return [];
      }
      switch (subject.type) {
        case 'transactions':
          return Promise.all(
            subject.ids.map(async (id) => translate(await reader.read(id, subject.created))),
          );
        case 'payout':
          return readMembers(subject.id, api, translate);
        case 'nothing':
          return [];
      }
    },
  };
}

async function readMembers(id: string, api: StripeApi, translate: Translate): Promise<Translated[]> {
  const items: Translated[] = [];
  const { records } = await readPayout(id, api, translate);
  for await (const item of records()) {
    items.push(item);
    if (items.length > MAX_MEMBERS) return [];
  }
  return items;
}
