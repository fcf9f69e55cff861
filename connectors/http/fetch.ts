import type { ProviderRequest, ProviderResponse } from '../contract/index.ts';
import { EndpointNames } from './endpoint-name.ts';

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'DELETE'] satisfies ProviderRequest['method'][];
/** Headers by which a provider recognises a request that it has seen. */
const IDEMPOTENCY_KEYS = ['idempotency-key', 'paypal-request-id'];
/** Statuses whose responses may have no body, says the Fetch standard. */
const WITHOUT_BODY = new Set([204, 205, 304]);

/** Makes a call and gives the answer whatever its status. */
export type CallForAnswer = (
  request: ProviderRequest,
  signal: AbortSignal | undefined,
) => Promise<ProviderResponse>;

/** `fetch` over a provider's routes; see {@link ProviderHttp.fetch}. */
export function fetchOver(call: CallForAnswer): typeof fetch {
  const names = new EndpointNames();
  return async (input, init) => {
    const standard = new Request(input, { ...init, signal: null });
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const { pathname, search } = new URL(standard.url);
    const { method } = standard;
    if (!isMethod(method)) throw new TypeError(`fetch over a provider's routes has no method ${method}`);
    const headers = Object.fromEntries(standard.headers);
    const body = new Uint8Array(await standard.arrayBuffer());
    const request: ProviderRequest = {
      endpoint: names.nameOf(pathname),
      method,
      path: `${pathname}${search}`,
      headers,
      isIdempotent: method === 'GET' || IDEMPOTENCY_KEYS.some((name) => name in headers),
      ...(body.length === 0 ? {} : { body }),
    };
    try {
      return responseOf(await call(request, signal));
    } catch (error) {
      // As fetch does: SDKs tell a timeout of their own by it.
      signal?.throwIfAborted();
      throw error;
    }
  };
}

function isMethod(method: string): method is ProviderRequest['method'] {
  return METHODS.includes(method);
}

function responseOf({ status, headers, body }: ProviderResponse): Response {
  const response = new Headers();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.append(name, value);
  return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(body), { status, headers: response });
}
