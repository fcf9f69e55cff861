import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { CounterfoilError } from '../domain/index.ts';
import type { ErrorCode } from '../domain/index.ts';

/** Error codes of the JetStream API that mean something to us. */
export const API_CODES = {
  memoryOrStoreExceeded: 10_023,
  noLeader: [10_008, 10_009, 10_039],
  streamNameInUse: 10_058,
  subjectsOverlap: 10_065,
  streamNotFound: 10_059,
  messageTooLarge: 10_054,
  noMessageFound: 10_037,
  wrongLastSequence: 10_071,
  storageExceeded: 10_047,
  storeFailed: 10_077,
} as const;

/** Whether the broker says that a stream does not exist. */
export function isStreamNotFound(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === API_CODES.streamNotFound;
}

/** Whether another writer was first in a compare-and-set. */
export function isWrongSequence(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === API_CODES.wrongLastSequence;
}

/**
 * What a call to the broker threw, as one of our codes.
 * @param what the thing attempted and where, to start the message with: `append to CF_RECORDS_3`
 */
export function brokerError(error: unknown, what: string): CounterfoilError {
  if (error instanceof CounterfoilError) return error;
  const [code, reason] = classify(error);
  return new CounterfoilError(code, `${what}: ${reason}`, { cause: error });
}

function classify(error: unknown): [ErrorCode, string] {
  if (error instanceof JetStreamApiError) return classifyApi(error.code, error.message);
  if (error instanceof errors.TimeoutError) {
    return ['timeout', 'NATS did not answer in time; the call may be repeated'];
  }
  if (error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError) {
    return ['brokerUnreachable', 'the connection to NATS is closed'];
  }
  const noResponders =
    error instanceof errors.NoRespondersError ||
    (error instanceof errors.RequestError && error.isNoResponders()) ||
    (error instanceof Error && error.name === 'JetStreamNotEnabled');
  if (noResponders) {
    return [
      'brokerUnreachable',
      'NATS has nobody for this request; its JetStream is off or has no leader, or the stream is missing',
    ];
  }
  const isNats =
    error instanceof errors.ConnectionError ||
    error instanceof errors.RequestError ||
    error instanceof JetStreamError;
  return [isNats ? 'brokerUnreachable' : 'internal', error instanceof Error ? error.message : String(error)];
}

function classifyApi(code: number, description: string): [ErrorCode, string] {
  switch (code) {
    case API_CODES.memoryOrStoreExceeded:
    case API_CODES.storageExceeded:
      return ['diskFull', `NATS is out of storage (${description}); give its store more room`];
    case API_CODES.messageTooLarge:
      return ['payloadTooLarge', 'the message is larger than the stream takes'];
    case API_CODES.streamNotFound:
      return ['logMismatch', 'the stream does not exist'];
    case API_CODES.storeFailed:
      if (/^maximum (bytes|messages)/.test(description)) {
        return ['overloaded', 'the stream is full; raise its size, or wait until the engine has purged'];
      }
      return /no space|disk/i.test(description) ? ['diskFull', description] : ['internal', description];
    default:
      return [
        (API_CODES.noLeader as readonly number[]).includes(code) ? 'brokerUnreachable' : 'internal',
        `${description} (${code})`,
      ];
  }
}
