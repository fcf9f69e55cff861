import type { CommandAnswer, Match } from '../../../engine/domain/index.ts';
import type { ResultSink } from '../../../engine/matching/kernel-types.ts';
import { matchOutcome, membersKey } from './outcome.ts';
import type { MatchOutcome } from './outcome.ts';

/** A match that a person made or undid. */
export interface Judgement {
  readonly commandId: string;
  readonly kind: 'match' | 'adjust' | 'unmatch';
  readonly by: string;
  readonly match: MatchOutcome;
}

/** Takes the results of a run with its commands, and keeps what people said belongs together and what does not. */
export class People implements ResultSink {
  readonly #judgements = new Map<string, Judgement>();
  #answer: Pick<CommandAnswer, 'commandId' | 'kind' | 'accepted' | 'by'> | undefined;

  /** What people thought last of each set of records. */
  get judgements(): readonly Judgement[] {
    return [...this.#judgements.values()];
  }

  /** A message begins. */
  next(): void {
    this.#answer = undefined;
  }

  answer({ commandId, kind, accepted, by }: CommandAnswer): void {
    this.#answer = { commandId, kind, accepted, by };
  }

  match(match: Match): void {
    const answer = this.#answer;
    if (answer?.accepted !== true) return;
    const { kind, commandId, by } = answer;
    const made = (kind === 'match' || kind === 'adjust') && match.version === 1 && match.rule === kind;
    const undone = kind === 'unmatch' && match.state === 'unmatched';
    if (!made && !undone) return;
    const outcome = matchOutcome(match);
    const key = membersKey(outcome.reconciliation, outcome.legs);
    // The later word stands, at the later place.
    this.#judgements.delete(key);
    this.#judgements.set(key, { commandId, kind, by, match: outcome });
  }

  break(): void {
    // Only matches are compared with people's.
  }

  accepted(): void {
    // As above.
  }

  duplicate(): void {
    // As above.
  }

  refused(): void {
    // As above.
  }

  finding(): void {
    // As above.
  }
}
