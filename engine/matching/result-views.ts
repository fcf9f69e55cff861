import type {
  Break,
  EncodedId,
  Finding,
  FindingKind,
  Leg,
  Match,
  RecordRef,
  Side,
  Why,
} from '../domain/index.ts';
import { readUtf8 } from '../codec/index.ts';

/** A record in a result. The bytes of its id are made a string only when it is asked for. */
export class RecordView implements RecordRef, Leg, EncodedId {
  side: Side = 'left';
  source = '';
  sequence = 0;
  ordinal = 0;
  amount = 0;
  idBytes: Uint8Array = new Uint8Array(0);
  idStart = 0;
  idEnd = 0;

  get id(): string {
    return readUtf8(this.idBytes, this.idStart, this.idEnd);
  }

  get encodedId(): EncodedId {
    return this;
  }

  get allocated(): number {
    return this.amount;
  }

  setId(bytes: Uint8Array, start: number, end: number): void {
    this.idBytes = bytes;
    this.idStart = start;
    this.idEnd = end;
  }
}

const NO_POOLS: readonly [string, string] = ['', ''];
const NO_CAUSES: Readonly<{ [cause: string]: number }> = Object.freeze({});

/** A match of a left and a right record; reused. */
export class MatchView implements Match {
  readonly version = 1;
  readonly legs: readonly [RecordView, RecordView] = [new RecordView(), new RecordView()];
  sequence = 0;
  n = 0;
  logTime = 0;
  reconciliation = '';
  pools: readonly [string, string] = NO_POOLS;
  rule = '';
  account = '';
  currency = '';
  difference = 0;
  lagMs = 0;
  readonly #tolerance: { tolerance: number } = { tolerance: 0 };

  get matchSequence(): number {
    return this.sequence;
  }

  get matchN(): number {
    return this.n;
  }

  get causes(): Readonly<{ [cause: string]: number }> {
    if (this.difference === 0) return NO_CAUSES;
    this.#tolerance.tolerance = this.difference;
    return this.#tolerance;
  }
}

/** An open version of a break; reused. */
export class BreakView implements Break {
  readonly state: 'open' | 'resolved' = 'open';
  sequence = 0;
  n = 0;
  logTime = 0;
  breakSequence = 0;
  breakN = 0;
  version = 0;
  reconciliation = '';
  pools: readonly [string, string] = NO_POOLS;
  kind: 'unmatched' | 'amount' = 'unmatched';
  account = '';
  currency = '';
  amount = 0;
  dueTime = 0;
  readonly owner: RecordView = new RecordView();
  readonly joined: RecordView = new RecordView();
  readonly #alone: readonly RecordView[] = [this.owner];
  readonly #both: readonly RecordView[] = [this.owner, this.joined];
  readonly #noCounterpart: { rule: string; condition: 'noCounterpart' } = {
    rule: '',
    condition: 'noCounterpart',
  };
  readonly #amountDiffers: { rule: string; condition: 'amount'; difference: number; tolerance: number } = {
    rule: '',
    condition: 'amount',
    difference: 0,
    tolerance: 0,
  };

  get members(): readonly RecordView[] {
    return this.kind === 'amount' ? this.#both : this.#alone;
  }

  get why(): Why {
    return this.kind === 'amount' ? this.#amountDiffers : this.#noCounterpart;
  }

  /** @param rule the first rule; its tolerance is in minor units */
  setWhy(rule: string, tolerance: number): void {
    this.#noCounterpart.rule = rule;
    this.#amountDiffers.rule = rule;
    this.#amountDiffers.difference = this.amount;
    this.#amountDiffers.tolerance = tolerance;
  }
}

/** The last version of a break; reused. */
export class ResolvedBreakView extends BreakView {
  override readonly state = 'resolved';
  readonly resolvedBy: { sequence: number; n: number } = { sequence: 0, n: 0 };
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
