import { DAY_MS } from '../../../engine/domain/index.ts';
import type { Faults } from '../faults.ts';
import type { SimulatedAnswer, SimulatedRequest } from '../http-server.ts';
import { isListed } from './books.ts';
import type { SimulatedEvent, StripeBooks } from './books.ts';
import { ParameterError, listParameter, pageOf } from './lists.ts';
import type { Listed, Page } from './lists.ts';

/** Events are listed for so long. */
const EVENT_DAYS = 30;
const MAX_TYPES = 20;

export interface StripeApiOptions {
  readonly books: StripeBooks;
  readonly apiKey: string;
  readonly faults: Faults;
  readonly now: () => number;
}

type Fields = { readonly [name: string]: unknown };

/** Answers requests to the part of Stripe's API that reads. */
export function answerStripe(request: SimulatedRequest, options: StripeApiOptions): SimulatedAnswer {
  const { books, apiKey } = options;
  if (request.headers['authorization'] !== `Bearer ${apiKey}`) {
    return failure(401, 'invalid_request_error', 'Invalid API Key provided: sk_test_********');
  }
  const [, version, resource = '', id, ...rest] = request.path.split('/');
  if (request.method !== 'GET' || version !== 'v1' || rest.length > 0) return unknownPath(request);
  try {
    if (id !== undefined) {
      const found = PREFIXES[resource] === id.split('_')[0] ? books.find(id) : undefined;
      if (found === undefined) {
        return failure(404, 'invalid_request_error', `No such object: '${id}'`, 'resource_missing', 'id');
      }
      return json(expanded(presented(found, options.now()), listParameter(request.query, 'expand'), options));
    }
    const page = listOf(resource, request.query, options);
    if (page === undefined) return unknownPath(request);
    const paths = listParameter(request.query, 'expand').map((path) => path.replace(/^data\./, ''));
    const data = page.data.map((thing) => expanded(presented(thing, options.now()), paths, options));
    return json({ ...page, data });
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    return failure(400, 'invalid_request_error', error.message, error.code, error.parameter);
  }
}

const PREFIXES: { readonly [resource: string]: string } = {
  balance_transactions: 'txn',
  charges: 'ch',
  refunds: 're',
  disputes: 'dp',
  payouts: 'po',
  events: 'evt',
};

function listOf(
  resource: string,
  query: URLSearchParams,
  { books, faults, now }: StripeApiOptions,
): Page<Listed> | undefined {
  const nowMs = now();
  const listed = (thing: Listed): boolean => isListed(thing, faults, nowMs);
  const is = (parameter: string, value: unknown): boolean =>
    query.get(parameter) === null || query.get(parameter) === value;
  const url = `/v1/${resource}`;
  switch (resource) {
    case 'balance_transactions': {
      const payout = query.get('payout');
      const things = payout === null ? books.transactions.inOrder : membersOf(payout, books);
      return pageOf(
        things,
        query,
        url,
        (thing) =>
          listed(thing) &&
          is('source', thing.source) &&
          is('type', thing.type) &&
          is('currency', thing.currency),
      );
    }
    case 'payouts':
      return pageOf(
        books.payouts.inOrder,
        query,
        url,
        (thing) => listed(thing) && is('status', thing.status),
      );
    case 'charges':
    case 'refunds':
    case 'disputes':
      return pageOf<Listed>(books[resource].inOrder, query, url, listed);
    case 'events': {
      const types = listParameter(query, 'types');
      if (types.length > MAX_TYPES) {
        throw new ParameterError('types', 'parameter_invalid', `At most ${MAX_TYPES} types can be given.`);
      }
      const oldest = Math.floor((nowMs - EVENT_DAYS * DAY_MS) / 1000);
      const isDelivered = (event: SimulatedEvent): string => String(event.pending_webhooks === 0);
      return pageOf(
        books.events.inOrder,
        query,
        url,
        (event) =>
          event.created >= oldest &&
          listed(event) &&
          is('type', event.type) &&
          (types.length === 0 || types.includes(event.type)) &&
          is('delivery_success', isDelivered(event)),
      );
    }
    default:
      return undefined;
  }
}

function membersOf(payout: string, books: StripeBooks) {
  const found = books.payouts.byId.get(payout);
  if (found !== undefined) return books.membersOf(found);
  throw new ParameterError('payout', 'resource_missing', `No such payout: '${payout}'`);
}

/** What depends on when it is looked at. */
function presented(thing: object, nowMs: number): Fields {
  const fields = thing as Fields;
  if (fields['object'] !== 'balance_transaction') return fields;
  const isAvailable = (fields['available_on'] as number) * 1000 <= nowMs;
  return { ...fields, status: isAvailable ? 'available' : 'pending' };
}

/** Puts objects in the place of ids, along paths such as `source.charge`. A path that leads nowhere changes nothing. */
function expanded(fields: Fields, paths: readonly string[], options: StripeApiOptions): Fields {
  let result = fields;
  for (const name of new Set(paths.map((path) => path.split('.')[0]!))) {
    const value = fields[name];
    const found = typeof value === 'string' ? options.books.find(value) : undefined;
    if (found === undefined) continue;
    const deeper = paths
      .filter((path) => path.startsWith(`${name}.`))
      .map((path) => path.slice(name.length + 1));
    result = { ...result, [name]: expanded(presented(found, options.now()), deeper, options) };
  }
  return result;
}

function json(value: unknown): SimulatedAnswer {
  return { status: 200, headers: { 'request-id': 'req_simulated' }, body: JSON.stringify(value, null, 2) };
}

/** An error in Stripe's form. */
export function failure(
  status: number,
  type: string,
  message: string,
  code?: string,
  param?: string,
): SimulatedAnswer {
  return {
    status,
    headers: { 'request-id': 'req_simulated' },
    body: JSON.stringify({ error: { type, message, code, param } }),
  };
}

function unknownPath({ method, path }: SimulatedRequest): SimulatedAnswer {
  return failure(404, 'invalid_request_error', `Unrecognized request URL (${method}: ${path}).`);
}
