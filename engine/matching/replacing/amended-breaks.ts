import { BREAK_KINDS, type BreakState } from '../../domain/index.ts';
import type { BreakBody } from '../breaks.ts';
import type { KernelCore } from '../core.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';

/** How many are remembered; beyond that the oldest are forgotten, and stay open. */
const MOST_AMENDED = 10_000;

/** A break of a leg that was amended beyond the tolerance: its match stands, but its sums do not agree any more. */
interface AmendedBreak {
  readonly reconciliation: string;
  readonly sequence: number;
  readonly n: number;
  version: number;
  /** Epoch milliseconds. */
  readonly dueTime: number;
  body: BreakBody;
}

/** Position of the first version of a match. */
export interface MatchPosition {
  readonly sequence: number;
  readonly n: number;
}

/**
 * The open breaks of matches whose legs were amended beyond the tolerance, one a match at most. They outlive the memory
 * of their match, and changes of rules: a match can be undone whenever.
 */
export class AmendedBreaks {
  readonly #core: KernelCore;
  /** By position of the match; the oldest first. */
  readonly #open = new Map<string, AmendedBreak>();

  constructor(core: KernelCore) {
    this.#core = core;
  }

  /**
   * The sums of a match do not agree: that is its break, or the next version of it.
   * @param dueTime of a new one, epoch milliseconds
   */
  tell(state: ReconciliationState, match: MatchPosition, dueTime: number, body: BreakBody): void {
    const known = this.#open.get(keyOf(match));
    const { sequence, n } = this.#core.emitter;
    const reconciliation = state.definition.name;
    const broken = known ?? { reconciliation, sequence, n, version: 0, dueTime, body };
    if (known === undefined) this.#add(match, broken);
    else this.#count(state, known, -1);
    broken.version++;
    broken.body = body;
    this.#count(state, broken, 1);
    this.#say(state, broken, 'open');
  }

  /** The sums of a match agree, or it is undone: the break that it has is resolved by it. */
  settle(state: ReconciliationState, match: MatchPosition): void {
    if (this.#open.size === 0) return;
    const broken = this.#open.get(keyOf(match));
    if (broken?.reconciliation !== state.definition.name) return;
    this.#open.delete(keyOf(match));
    this.#count(state, broken, -1);
    broken.version++;
    this.#say(state, broken, 'resolved', match);
  }

  /** Nothing more is said of reconciliations that are gone. */
  forgetAllOf(gone: ReadonlySet<string>): void {
    for (const [key, { reconciliation }] of this.#open) if (gone.has(reconciliation)) this.#open.delete(key);
  }

  /** For a snapshot, as JSON. */
  state(): string {
    return JSON.stringify([...this.#open]);
  }

  restore(state: string): void {
    for (const [key, broken] of JSON.parse(state) as [string, AmendedBreak][]) this.#open.set(key, broken);
  }

  #add(match: MatchPosition, broken: AmendedBreak): void {
    this.#open.set(keyOf(match), broken);
    if (this.#open.size <= MOST_AMENDED) return;
    const [oldest] = this.#open.keys();
    this.#open.delete(oldest!);
  }

  /** The totals have the break as it is (1), or no more (−1). */
  #count(state: ReconciliationState, { body, dueTime }: AmendedBreak, change: 1 | -1): void {
    const totals = state.totals(this.#core.reader.currencies.internText(body.currency));
    totals.breakChanged(change, BREAK_KINDS.indexOf('amended'), body.amount, dueTime);
  }

  #say(state: ReconciliationState, broken: AmendedBreak, stands: BreakState, by?: MatchPosition): void {
    this.#core.emitter.breakVersion(state, {
      ...broken.body,
      breakSequence: broken.sequence,
      breakN: broken.n,
      version: broken.version,
      state: stands,
      dueTime: broken.dueTime,
      reason: '',
      ...(by === undefined ? {} : { resolvedBy: { sequence: by.sequence, n: by.n } }),
    });
  }
}

function keyOf({ sequence, n }: MatchPosition): string {
  return `${sequence}-${n}`;
}
