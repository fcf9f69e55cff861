import { rulesHash, rulesJson } from '../../../engine/config/index.ts';
import type {
  CommandFrame,
  LogMessage,
  PartitionSummary,
  RuleSet,
  RulesFrame,
} from '../../../engine/domain/index.ts';
import { createKernel } from '../../../engine/matching/index.ts';
import type { Kernel, KernelOptions } from '../../../engine/matching/kernel-types.ts';
import { compareRuns } from './compare.ts';
import type { PartitionComparison } from './compare.ts';
import { membersKey } from './outcome.ts';
import { People } from './people.ts';
import { RuleRun } from './rule-run.ts';

export interface LockstepOptions {
  readonly kernel: KernelOptions;
  readonly oldRules: RuleSet;
  readonly newRules: RuleSet;
  /** Sequence and log time at which the rules are given, before everything else. */
  readonly start: Pick<LogMessage, 'sequence' | 'logTime'>;
  /** Whether the log has commands: then a third kernel obeys them, to learn which were accepted. */
  readonly hasCommands: boolean;
}

/**
 * One partition's log through several kernels at once: the old rules alone, the new rules alone, and, where people gave
 * commands, everything as it was. Where both runs make the same final match at the same message it is counted and
 * forgotten, so that memory holds what differs.
 */
export class Lockstep {
  readonly people = new People();
  readonly #old = new RuleRun();
  readonly #new = new RuleRun();
  readonly #oldKernel: Kernel;
  readonly #newKernel: Kernel;
  readonly #asItWas: Kernel | undefined;
  readonly #agreed: PartitionComparison['agreed'] = new Map();

  constructor({ kernel, oldRules, newRules, start, hasCommands }: LockstepOptions) {
    this.#oldKernel = createKernel(kernel);
    this.#newKernel = createKernel(kernel);
    this.#asItWas = hasCommands ? createKernel(kernel) : undefined;
    this.#old.setRules(oldRules);
    this.#new.setRules(newRules);
    const frameOf = (rules: RuleSet): RulesFrame => ({
      kind: 'rules',
      json: rulesJson(rules),
      hash: rulesHash(rules),
    });
    this.#oldKernel.apply({ ...start, frame: frameOf(oldRules) }, this.#old);
    this.#newKernel.apply({ ...start, frame: frameOf(newRules) }, this.#new);
    this.#asItWas?.apply({ ...start, frame: frameOf(oldRules) }, this.people);
  }

  apply(message: LogMessage): void {
    this.people.next();
    this.#asItWas?.apply(message, this.people);
    const { frame } = message;
    // Time passes in every run; what people and the log's own rules did is left out of those by rules alone. Rates are
    // neither: whatever the rules, they were published then.
    const isLeftOut = frame.kind === 'rules' || (frame.kind === 'command' && !publishesRates(frame));
    const plain: LogMessage = isLeftOut ? { ...message, frame: { kind: 'tick' } } : message;
    if (frame.kind === 'rules') {
      this.#oldKernel.apply(message, this.#old);
      this.#old.setRules(JSON.parse(frame.json) as RuleSet);
    } else this.#oldKernel.apply(plain, this.#old);
    this.#newKernel.apply(plain, this.#new);
    this.#forgetAgreed();
  }

  /** Closes every window: the end of files. A log has no end. */
  finish(): void {
    this.people.next();
    this.#asItWas?.finish(this.people);
    this.#oldKernel.finish(this.#old);
    this.#newKernel.finish(this.#new);
    this.#forgetAgreed();
  }

  /** How the runs differ, as things stand. */
  compare(): PartitionComparison {
    return compareRuns(this.#old, this.#new, this.#agreed, this.people.judgements);
  }

  /** Of the run by the old rules. */
  summary(): PartitionSummary {
    return this.#oldKernel.summary();
  }

  #forgetAgreed(): void {
    const [before, after] = [this.#old, this.#new];
    // Judging people's matches needs all of them.
    if (this.#asItWas === undefined && before.fresh.length > 0 && after.fresh.length > 0) {
      const made = new Map<string, string>();
      for (const position of before.fresh) {
        const match = before.matches.get(position)!;
        made.set(membersKey(match.reconciliation, match.legs), position);
      }
      for (const position of after.fresh) {
        const match = after.matches.get(position)!;
        const same = made.get(membersKey(match.reconciliation, match.legs));
        if (same === undefined || before.matches.get(same)!.difference !== match.difference) continue;
        before.matches.delete(same);
        after.matches.delete(position);
        const row = `${match.reconciliation} ${match.currency}`;
        this.#agreed.set(row, (this.#agreed.get(row) ?? 0) + 1);
      }
    }
    before.fresh = [];
    after.fresh = [];
  }
}

/** Whether a command publishes rates. */
export function publishesRates({ json }: CommandFrame): boolean {
  return json.includes('"kind":"rates"') && kindOf(json) === 'rates';
}

function kindOf(json: string): unknown {
  try {
    return (JSON.parse(json) as { readonly kind?: unknown } | null)?.kind;
  } catch {
    return undefined;
  }
}
