import { createHmac } from 'node:crypto';
import { NO_FAULTS } from '../faults.ts';
import type { Faults } from '../faults.ts';
import type { Simulator } from '../play.ts';
import type { Movement, Provider } from '../scenario/index.ts';
import { WebhookSender } from '../webhook-sender.ts';
import type { Flushed, PostWebhook, PostedWebhook } from '../webhook-sender.ts';

const MINUTE_MS = 60_000;
/** Longer and longer, for some three days. */
const RETRY_DELAYS_MS = [1, 5, 30, 120, 300, 600, 1440, 1440].map((minutes) => minutes * MINUTE_MS);

export interface SignedJsonOptions {
  /** Simulated time, epoch milliseconds. */
  readonly now: () => number;
  /** Whose movements it tells of. */
  readonly provider: Provider;
  readonly secret: string;
  readonly post: PostWebhook;
  readonly faults?: Faults;
}

/** Headers of a delivery of some provider that signs by HMAC-SHA256 over `<Unix seconds>.<body>`. */
export function signedJsonHeaders(
  body: string,
  secret: string,
  atMs: number,
): { readonly [name: string]: string } {
  const timestamp = String(Math.floor(atMs / 1000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return {
    'content-type': 'application/json',
    'x-timestamp': timestamp,
    'x-signature': `sha256=${signature}`,
  };
}

/** Settings of `webhook-json` that read it, but for the secrets. */
export const SIGNED_JSON_SETTINGS = {
  signature: {
    header: 'x-signature',
    prefix: 'sha256=',
    payload: '{timestamp}.{body}',
    timestamp: { header: 'x-timestamp' },
  },
  eventId: 'event',
  eventType: 'type',
  ignore: ['ping'],
  records: 'data',
  amountIn: 'minor',
  fields: {
    id: 'id',
    kind: 'kind',
    amount: 'amount',
    fee: 'fee',
    tax: 'tax',
    currency: 'currency',
    time: 'time',
    account: 'merchant',
  },
} as const;

/** It is nowhere to be called: its URL is empty. */
interface SignedJson extends Simulator {
  readonly url: '';
  flush(): Promise<Flushed>;
}

/**
 * Any provider that has no API to be asked: it tells of each movement by a signed webhook, again after a failure, and of
 * nothing else.
 */
export function createSignedJson(options: SignedJsonOptions): SignedJson {
  const { now, provider, secret, post, faults = NO_FAULTS } = options;
  const sender = new WebhookSender<Movement>({
    post,
    idOf: ({ id }) => id,
    webhookOf: (movement, nowMs, isForged) =>
      webhookOf(movement, isForged ? `not ${secret}` : secret, nowMs + faults.skewMs, isForged),
    retryDelaysMs: RETRY_DELAYS_MS,
    faults,
  });
  return {
    url: '',
    get nextDueMs() {
      return sender.nextDueMs;
    },
    apply(happening) {
      if (!('movement' in happening) || happening.movement.provider !== provider) return;
      sender.enqueue(happening.movement, now());
    },
    flush: () => sender.flush(now()),
    close: () => Promise.resolve(),
  };
}

function webhookOf(movement: Movement, secret: string, sentMs: number, isForged: boolean): PostedWebhook {
  const { id, kind, currency, amount, fee, tax, merchant, atMs } = movement;
  const body = JSON.stringify({
    event: `event-${id}`,
    type: 'movement',
    data: {
      ...{ id, kind, currency, merchant },
      amount: Number(isForged ? amount * 100n : amount),
      fee: Number(fee),
      tax: Number(tax),
      time: new Date(atMs).toISOString(),
    },
  });
  return { headers: signedJsonHeaders(body, secret, sentMs), body };
}
