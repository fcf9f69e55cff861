import type { Log } from '../../engine/domain/index.ts';

/** The payloads of all messages that a partition of the log holds now, in order. */
export async function messagesOf(log: Log, partition: number): Promise<readonly Uint8Array[]> {
  const { lastSequence } = await log.state(partition);
  const found: Uint8Array[] = [];
  const stop = new AbortController();
  const { signal } = stop;
  if (lastSequence === 0) return found;
  for await (const batch of log.read(partition, 1, { maxBytes: 4_194_304, signal })) {
    found.push(...batch.map(({ payload }) => payload));
    if (batch.at(-1)!.sequence >= lastSequence) stop.abort();
  }
  return found;
}
