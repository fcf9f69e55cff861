import type { Break, Match, RuleSet } from '../../../engine/domain/index.ts';
import type { ResultSink } from '../../../engine/matching/kernel-types.ts';
import { breakOutcome, matchOutcome } from './outcome.ts';
import type { BreakOutcome, MatchOutcome } from './outcome.ts';

/** Matches and breaks of one run as they stand at a moment. */
export class RuleRun implements ResultSink {
  /** By the position of the first version. */
  readonly matches = new Map<string, MatchOutcome>();
  readonly breaks = new Map<string, BreakOutcome>();
  /** Keys in `matches` of what the message at hand made and no later version can change. */
  fresh: string[] = [];
  #final: ReadonlySet<string> = new Set();

  /** Tells which matches may change later. */
  setRules(rules: RuleSet): void {
    this.#final = finalRules(rules);
  }

  match(match: Match): void {
    const key = `${match.matchSequence}-${match.matchN}`;
    if (match.state === 'unmatched') {
      this.matches.delete(key);
      return;
    }
    this.matches.set(key, matchOutcome(match));
    if (this.#final.has(`${match.reconciliation}/${match.rule}`)) this.fresh.push(key);
  }

  break(version: Break): void {
    const key = `${version.breakSequence}-${version.breakN}`;
    if (version.state === 'open') this.breaks.set(key, breakOutcome(version));
    else this.breaks.delete(key);
  }

  accepted(): void {
    // Which records there are does not depend on the rules.
  }

  duplicate(): void {
    // As above.
  }

  refused(): void {
    // As above.
  }

  finding(): void {
    // Findings are not compared.
  }

  answer(): void {
    // No commands are given to a run by rules alone.
  }
}

/** Rules whose matches are final: those of pairs and contra, where no record takes another's place. */
function finalRules({ reconciliations, sources }: RuleSet): ReadonlySet<string> {
  if (sources.some((source) => source.amends !== undefined || source.supersedes !== undefined))
    return new Set();
  return new Set(
    reconciliations.flatMap(({ name, rules }) =>
      rules
        .filter(({ cardinality = '1:1' }) => cardinality === '1:1' || cardinality === 'contra')
        .map((rule) => `${name}/${rule.name}`),
    ),
  );
}
