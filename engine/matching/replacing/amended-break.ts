import { BREAK_KINDS, type BreakState } from '../../domain/index.ts';
import type { BreakBody } from '../breaks.ts';
import type { KernelCore } from '../core.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';

/** A break of a leg that was amended beyond the tolerance: its match stands, but its sums do not agree any more. */
export interface AmendedBreak {
  readonly sequence: number;
  readonly n: number;
  version: number;
  /** Epoch milliseconds. */
  readonly dueTime: number;
  body: BreakBody;
}

/** Position of the first version of a match. */
interface MatchPosition {
  readonly sequence: number;
  readonly n: number;
}

/**
 * The sums of a match do not agree, which is its break or the next version of it.
 * @param known the break that it has already
 * @param dueTime of a new break, epoch milliseconds
 */
export function breakAmended(
  core: KernelCore,
  state: ReconciliationState,
  known: AmendedBreak | undefined,
  dueTime: number,
  body: BreakBody,
): AmendedBreak {
  const { sequence, n } = core.emitter;
  if (known !== undefined) count(core, state, known, -1);
  const amended = known ?? { sequence, n, version: 0, dueTime, body };
  amended.version++;
  amended.body = body;
  count(core, state, amended, 1);
  say(core, state, amended, 'open');
  return amended;
}

/** The sums of a match agree again: the break that it had is resolved by it. */
export function settleAmended(
  core: KernelCore,
  state: ReconciliationState,
  amended: AmendedBreak | undefined,
  match: MatchPosition,
): void {
  if (amended === undefined) return;
  count(core, state, amended, -1);
  amended.version++;
  say(core, state, amended, 'resolved', match);
}

/** The totals have the break as it is (1), or no more (−1). */
function count(
  { reader }: KernelCore,
  state: ReconciliationState,
  { body, dueTime }: AmendedBreak,
  change: 1 | -1,
): void {
  const totals = state.totals(reader.currencies.internText(body.currency));
  totals.breakChanged(change, BREAK_KINDS.indexOf('amended'), body.amount, dueTime);
}

function say(
  { emitter }: KernelCore,
  state: ReconciliationState,
  { sequence, n, version, dueTime, body }: AmendedBreak,
  stands: BreakState,
  match?: MatchPosition,
): void {
  emitter.breakVersion(state, {
    ...body,
    breakSequence: sequence,
    breakN: n,
    version,
    state: stands,
    dueTime,
    reason: '',
    ...(match === undefined ? {} : { resolvedBy: { sequence: match.sequence, n: match.n } }),
  });
}
