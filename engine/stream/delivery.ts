import type { Msg } from '@nats-io/transport-node';

/** What the reply subject of a delivered message tells. */
export interface Delivery {
  readonly sequence: number;
  /** Counts what this consumer was sent, from 1: a hole means that a message was lost on the way. */
  readonly deliverySequence: number;
  /** When the message was stored, epoch milliseconds, rounded down. */
  readonly timeMs: number;
}

/**
 * Reads `$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.<delivery sequence>.<nanoseconds>.<pending>`, with domain
 * and account before the stream in newer servers. The nanoseconds are cut as text: as a number they are rounded and
 * can fall into the next millisecond. Undefined for a message that was not delivered by a consumer.
 */
export function parseDelivery(reply: string | undefined): Delivery | undefined {
  if (reply?.startsWith('$JS.ACK.') !== true) return undefined;
  const tokens = reply.split('.');
  const at = tokens.length === 9 ? 5 : 7;
  if (tokens.length < at + 4) return undefined;
  return {
    sequence: Number(tokens[at]),
    deliverySequence: Number(tokens[at + 1]),
    timeMs: Number(tokens[at + 2]!.slice(0, -6)),
  };
}

/** A message of the server about a pull request, rather than one of the stream. */
export interface PullStatus {
  readonly code: number;
  readonly description: string;
}

/** The status a message carries, or undefined where it is a message of the stream. */
export function pullStatus(message: Msg): PullStatus | undefined {
  if (message.data.length > 0 || message.reply?.startsWith('$JS.ACK.') === true) return undefined;
  const headers = message.headers;
  return headers === undefined ? undefined : { code: headers.code, description: headers.description };
}
