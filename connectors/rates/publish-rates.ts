import { createHash, randomUUID } from 'node:crypto';
import { encodeFrame } from '../../engine/codec/index.ts';
import type { Command, Log, Rates } from '../../engine/domain/index.ts';

/**
 * Makes rates a command in every partition's stream: from that position on they count. A partition that had them takes
 * no notice, so that a failure half-way is simply tried again.
 */
export function publisherOfRates(log: Pick<Log, 'append'>, partitions: number) {
  return async (table: string, rates: Rates, why: string): Promise<void> => {
    const id = `rates-${randomUUID()}`;
    const command: Command = {
      id,
      by: `rates source ${table}`,
      why: why.slice(0, 2000),
      kind: 'rates',
      table,
      rates,
    };
    const payload = encodeFrame({ kind: 'command', json: JSON.stringify(command) });
    for (let partition = 0; partition < partitions; partition++)
      await log.append(partition, payload, `command-${partition}-${id}`);
  };
}

/** Tells one log from another: when each of its streams was created, and which life it is in. */
export async function identityOf(log: Pick<Log, 'state'>, partitions: number): Promise<string> {
  const streams: string[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const { createdMs, epoch } = await log.state(partition);
    streams.push(`${createdMs}/${epoch}`);
  }
  return createHash('sha256').update(streams.join(' ')).digest('hex');
}
