import type {
  Break,
  BreakKind,
  BreakState,
  EncodedId,
  Finding,
  FindingKind,
  Leg,
  Match,
  MatchCause,
  RecordRef,
  Side,
  Why,
} from '../domain/index.ts';
import { readUtf8 } from '../codec/index.ts';
import { ORDINALS } from './entries.ts';

/** A record in a result. The bytes of its id are made a string only when it is asked for. */
export class RecordView implements RecordRef, Leg, EncodedId {
  side: Side = 'left';
  source = '';
  sequence = 0;
  ordinal = 0;
  amount = 0;
  /** What a match takes of `amount`. */
  allocated = 0;
  idBytes: Uint8Array = new Uint8Array(0);
  idStart = 0;
  idEnd = 0;

  get id(): string {
    return readUtf8(this.idBytes, this.idStart, this.idEnd);
  }

  get encodedId(): EncodedId {
    return this;
  }

  /** Where the record arrived: its message, and its place in that. */
  setArrival(arrival: number): void {
    this.sequence = Math.floor(arrival / ORDINALS);
    // Not the remainder, which is slow to take of a number beyond 32 bits.
    this.ordinal = arrival - this.sequence * ORDINALS;
  }

  setId(bytes: Uint8Array, start: number, end: number): void {
    this.idBytes = bytes;
    this.idStart = start;
    this.idEnd = end;
  }
}

const NO_POOLS: readonly [string, string] = ['', ''];
export const NO_CAUSES: Readonly<{ [cause in MatchCause]?: number }> = Object.freeze({});

/** A match; reused. */
export class MatchView implements Match {
  state: 'matched' | 'unmatched' = 'matched';
  sequence = 0;
  n = 0;
  logTime = 0;
  matchSequence = 0;
  matchN = 0;
  version = 1;
  reconciliation = '';
  pools: readonly [string, string] = NO_POOLS;
  rule = '';
  fields: readonly string[] = [];
  account = '';
  currency = '';
  leftCurrency: string | undefined = undefined;
  legs: readonly Leg[] = [];
  difference = 0;
  causes: Readonly<{ [cause in MatchCause]?: number }> = NO_CAUSES;
  rate: string | undefined = undefined;
  lagMs = 0;
}

/** The causes of a plain match: all that is not 0 is within the tolerance. Reused. */
export class ToleranceCause {
  readonly #cause: { tolerance: number } = { tolerance: 0 };

  of(difference: number): Readonly<{ [cause in MatchCause]?: number }> {
    if (difference === 0) return NO_CAUSES;
    this.#cause.tolerance = difference;
    return this.#cause;
  }
}

/** An open version of a break; reused. */
export class BreakView implements Break {
  state: BreakState = 'open';
  sequence = 0;
  n = 0;
  logTime = 0;
  breakSequence = 0;
  breakN = 0;
  version = 0;
  reconciliation = '';
  pools: readonly [string, string] = NO_POOLS;
  kind: BreakKind = 'unmatched';
  account = '';
  currency = '';
  leftCurrency: string | undefined = undefined;
  amount = 0;
  dueTime = 0;
  members: Break['members'] = [];
  why: Why = { rule: '', condition: 'noCounterpart' };
  reason = '';
}

/** The last version of a break; reused. */
export class ResolvedBreakView extends BreakView {
  override state: BreakState = 'resolved';
  readonly resolvedBy: { sequence: number; n: number } = { sequence: 0, n: 0 };
}

/** Why a break of one or two records broke, where no more is to be said; reused. */
export class PairWhy {
  readonly #noCounterpart: { rule: string; condition: 'noCounterpart' } = {
    rule: '',
    condition: 'noCounterpart',
  };
  readonly #amount: { rule: string; condition: 'amount'; difference: number; tolerance: number } = {
    rule: '',
    condition: 'amount',
    difference: 0,
    tolerance: 0,
  };

  readonly #sign: { rule: string; condition: 'sign' } = { rule: '', condition: 'sign' };

  noCounterpart(rule: string): Why {
    this.#noCounterpart.rule = rule;
    return this.#noCounterpart;
  }

  /** The two have opposite signs. */
  sign(rule: string): Why {
    this.#sign.rule = rule;
    return this.#sign;
  }

  /** Both in minor units. */
  amount(rule: string, difference: number, tolerance: number): Why {
    this.#amount.rule = rule;
    this.#amount.difference = difference;
    this.#amount.tolerance = tolerance;
    return this.#amount;
  }
}

/** A finding; reused. */
export class FindingView implements Finding {
  sequence = 0;
  n = 0;
  logTime = 0;
  kind: FindingKind = 'idReused';
  source = '';
  recordId = '';
  account = '';
  currency = '';
  amount = 0;
  message = '';
}
