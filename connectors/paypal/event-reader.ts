import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Origin, Translated } from '../../engine/domain/index.ts';
import { at, textAt } from '../contract/index.ts';
import type { SourceContext } from '../contract/index.ts';
import type { PaypalApi } from './client.ts';
import { listAt } from './fields.ts';
import { isWhole, translateCapture, translateRefund, translateRow } from './translate.ts';
import type { TranslateSettings } from './translate.ts';

const CAPTURE_EVENT = 'PAYMENT.CAPTURE.';
const REVERSED_EVENT = 'PAYMENT.CAPTURE.REVERSED';
const DISPUTE_EVENT = 'CUSTOMER.DISPUTE.';
/** How far before and after an event of a dispute its money is looked for, milliseconds. */
const DISPUTE_BEFORE_MS = 15 * 60_000;
const DISPUTE_AFTER_MS = 5 * 60_000;
/** The most pages that are read for one dispute. */
const DISPUTE_PAGES = 4;

/** Makes records of what events tell. Both webhooks and the list of events are read through this. */
export interface EventReader {
  /**
   * The records of a capture or a refund that an event is about. What the event holds is taken as it is, because PayPal
   * signed it; where it lacks what a search would say, it is asked for.
   * @throws CounterfoilError as the API's calls do; `providerUnreachable` where PayPal does not know it yet
   */
  payment(event: unknown): Promise<readonly Translated[]>;
  /** The same of an event that is listed: what cannot be read will be found by a search, and holds nothing up. */
  listedPayment(event: unknown): Promise<readonly Translated[]>;
  /**
   * What a dispute has moved so far, as far as a search finds it already. An event of a dispute names no transaction but the one
   * that is disputed. Nothing, where the app may not read disputes or search: polls bring it.
   * @throws CounterfoilError as the API's calls do, where they may succeed later
   */
  dispute(event: unknown): Promise<readonly Translated[]>;
}

export function createEventReader(
  api: PaypalApi,
  context: SourceContext & { readonly now: () => number; readonly signal: AbortSignal },
  settings: TranslateSettings,
  origin: () => Origin,
): EventReader {
  const { merchantId } = settings;

  /** @returns undefined where PayPal does not know what it told of */
  async function payment(event: unknown): Promise<readonly Translated[] | undefined> {
    const type = textAt(event, 'event_type') ?? '';
    const told = at(event, 'resource');
    if (!type.startsWith(CAPTURE_EVENT) || !isOf(merchantId, told, 'payee')) return [];
    const isRefund = textAt(event, 'resource_type') === 'refund';
    if (!isRefund && textAt(event, 'resource_type') !== 'capture') return [];
    const id = textAt(told, 'id');
    const isUsable = id === undefined || isWhole(told, isRefund ? 'refund' : 'capture');
    const resource = isUsable ? told : await api.resource(isRefund ? 'refunds' : 'captures', id);
    if (resource === undefined) return undefined;
    const item = isRefund
      ? translateRefund(resource, type === REVERSED_EVENT, context, settings, origin())
      : translateCapture(resource, context, settings, origin());
    return item === undefined ? [] : [item];
  }

  async function dispute(id: string, aboutMs: number): Promise<readonly Translated[]> {
    const disputed = new Set(
      listAt(await api.dispute(id), 'disputed_transactions')
        .filter((each) => isOf(merchantId, each, 'seller'))
        .map((each) => textAt(each, 'seller_transaction_id')),
    );
    const window = {
      fromMs: aboutMs - DISPUTE_BEFORE_MS,
      toMs: Math.min(aboutMs + DISPUTE_AFTER_MS, context.now()),
    };
    const items: Translated[] = [];
    if (disputed.size === 0 || window.toMs <= window.fromMs) return items;
    for (let page = 1, pages = 1; page <= Math.min(pages, DISPUTE_PAGES); page++) {
      const found = await api.search(window, page, context.signal);
      pages = found?.totalPages ?? 0;
      for (const row of found?.rows ?? []) {
        if (!disputed.has(textAt(row, 'transaction_info', 'paypal_reference_id'))) continue;
        const item = translateRow(row, context, settings, origin());
        if (item !== undefined) items.push(item);
      }
    }
    return items;
  }

  return {
    async payment(event) {
      const items = await payment(event);
      if (items !== undefined) return items;
      throw new CounterfoilError(
        'providerUnreachable',
        'PayPal does not know what it told of yet; it will be asked again',
      );
    },

    async listedPayment(event) {
      try {
        return (await payment(event)) ?? [];
      } catch (error) {
        if (CounterfoilError.from(error).disposition === 'poison') return [];
        throw error;
      }
    },

    async dispute(event) {
      const id = textAt(event, 'resource', 'dispute_id');
      const aboutMs = Date.parse(textAt(event, 'create_time') ?? '');
      if (!(textAt(event, 'event_type') ?? '').startsWith(DISPUTE_EVENT)) return [];
      if (id === undefined || Number.isNaN(aboutMs)) return [];
      try {
        return await dispute(id, aboutMs);
      } catch (error) {
        // The same event would find the same the next time.
        const { code, disposition } = CounterfoilError.from(error);
        if (code === 'providerAuth' || disposition === 'poison') return [];
        throw error;
      }
    },
  };
}

/** Whether an object is of the account that is read, as far as it says whose it is. */
function isOf(merchantId: string | undefined, resource: unknown, party: 'payee' | 'seller'): boolean {
  const stated = textAt(resource, party, 'merchant_id');
  return merchantId === undefined || stated === undefined || stated === merchantId;
}
