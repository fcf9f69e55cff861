import type { MoneyRecord, Side } from '../../domain/index.ts';
import type { DueEvent } from './event-queue.ts';
import type { ReferenceReconciliation } from './reconciliation.ts';

/** An unmatched record in the memory of one reconciliation: pending or broken. */
export interface OpenRecord {
  readonly record: MoneyRecord;
  readonly side: Side;
  /** Where it arrived. */
  readonly sequence: number;
  readonly ordinal: number;
  /** The reconciliation that it is open in. */
  readonly reconciliation: ReferenceReconciliation;
  /** Its key under each rule; undefined where a field of it is missing. */
  readonly keys: readonly (string | undefined)[];
  /** Event time at which it breaks, if unmatched. */
  readonly due: number;
  /** Event time at which it leaves memory; may move to a partner's. */
  deadline: number;
  /** The one event it waits for. */
  event: DueEvent | undefined;
  /** False once it is matched or has left. */
  inMemory: boolean;
  /** The break it is in, as owner or as the one that joined. */
  break: OpenBreak | undefined;
}

/** A break with at least one member in memory. */
export interface OpenBreak {
  /** The position of its first version. */
  readonly sequence: number;
  readonly n: number;
  version: number;
  /** The record that expired. */
  readonly owner: OpenRecord;
  /** The record of the other side that joined: with one the kind is `amount`, without one `unmatched`. */
  joined: OpenRecord | undefined;
}
