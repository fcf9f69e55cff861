import type { StoredMessage } from '../domain/index.ts';
import type { PackedMessages } from './protocol.ts';

/** Lays messages end to end in one buffer of its own, which can be transferred to a thread. */
export function packMessages(messages: readonly StoredMessage[]): PackedMessages {
  const bytes = new Uint8Array(messages.reduce((sum, message) => sum + message.payload.byteLength, 0));
  const ends = new Uint32Array(messages.length);
  const sequences = new Float64Array(messages.length);
  const logTimes = new Float64Array(messages.length);
  let at = 0;
  for (const [i, message] of messages.entries()) {
    bytes.set(message.payload, at);
    at += message.payload.byteLength;
    ends[i] = at;
    sequences[i] = message.sequence;
    logTimes[i] = message.logTime;
  }
  return { bytes, ends, sequences, logTimes };
}
