import type { Leg, StatementRequest } from '../domain/index.ts';
import type { MessagePlace } from './store-rows.ts';

/** When the messages of {@link place} came, unless they say. */
export const STATEMENT_START: number = Date.UTC(2026, 10, 20, 8);

/** A message of epoch 1, partition 0. */
export function place(sequence: number, logTime: number = STATEMENT_START): MessagePlace {
  return { epoch: 1, partition: 0, sequence, logTime };
}

/** A leg that is the first record of its message. */
export function leg(side: Leg['side'], source: string, id: string, sequence: number, allocated: number): Leg {
  return { side, source, id, sequence, ordinal: 0, allocated };
}

/** gateway against bank: one pool each, nothing special. */
export const PLAIN: StatementRequest = {
  lanes: [
    { reconciliation: 'g2b', side: 'left', pool: 'g2b.left', sources: ['gateway'], negate: false },
    { reconciliation: 'g2b', side: 'right', pool: 'g2b.right', sources: ['bank'], negate: false },
  ],
  partial: [],
  otherwise: [],
  amending: [],
  superseding: [],
};
