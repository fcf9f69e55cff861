import type { Command, Rates, RuleSet } from '../../domain/index.ts';
import type { Matcher } from '../matcher.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { AnsweredCommands } from './answered-commands.ts';
import { assignReason, planReason } from './assign-reason.ts';
import type { BarsState } from './bars.ts';
import { makeMatch, planMatch } from './match-by-command.ts';
import { readCommand } from './read-command.ts';
import { planReopen, planUnmatch, reopen, unmatch } from './reopen.ts';
import type { Lane } from '../rules-in-force.ts';
import { planWriteOff, writeOff } from './write-off.ts';

/** What commands ask of the kernel around them. */
export interface CommandHost {
  /** A result of this partition as people name it. */
  identifierOf(sequence: number, n: number): string;
  /** The reconciliation of a name, in force. */
  stateNamed(name: string): ReconciliationState | undefined;
  /** The lanes that take the row at hand, in configured order; of sources that are not in the rules none. */
  lanesOfRow(): readonly Lane[];
  /** Prepares a change of rules: why it is refused, in one line, or what puts them in force. */
  prepareRules(set: RuleSet, json: string, hash: string): string | (() => void);
  /** Likewise for rates that were published for a table; undefined where they are in force already. */
  prepareRates(table: string, rates: Rates): string | (() => void) | undefined;
}

/** What a snapshot keeps of the commands. */
export interface CommandsState {
  readonly answered: readonly string[];
  readonly bars: BarsState;
}

/** Carries out commands of people and machines: each is validated against the state, answered, and then takes effect. */
export class Commander {
  readonly #matcher: Matcher;
  readonly #host: CommandHost;
  readonly #answered = new AnsweredCommands();

  constructor(matcher: Matcher, host: CommandHost) {
    this.#matcher = matcher;
    this.#host = host;
  }

  /** Carries out what a `command` message holds. */
  apply(json: string): void {
    const { emitter } = this.#matcher.core;
    const { command, problem } = readCommand(json);
    if (command === undefined) {
      emitter.finding({
        kind: 'commandInvalid',
        source: '',
        recordId: '',
        account: '',
        currency: '',
        amount: 0,
        message: problem,
      });
      return;
    }
    if (this.#answered.has(command.id)) return;
    this.#answered.add(command.id);
    const plan = this.#plan(command);
    const { id: commandId, kind, by, why } = command;
    const accepted = typeof plan !== 'string';
    const reason = accepted ? plan.does : plan;
    emitter.answer({ commandId, kind, accepted, reason, by, why });
    if (!accepted) return;
    plan.run();
    this.#matcher.raise(Number.NEGATIVE_INFINITY);
  }

  state(): CommandsState {
    return { answered: this.#answered.state(), bars: this.#matcher.core.bars.state() };
  }

  restore(state: CommandsState): void {
    this.#answered.restore(state.answered);
    this.#matcher.core.bars.restore(state.bars);
  }

  #planRules(json: string, hash: string): { readonly does: string; readonly run: () => void } | string {
    let set: RuleSet;
    try {
      set = JSON.parse(json) as RuleSet;
    } catch (error) {
      return `the rules are no JSON: ${(error as Error).message}`;
    }
    const change = this.#host.prepareRules(set, json, hash);
    return typeof change === 'string' ? change : { does: 'the new rules are in force', run: change };
  }

  #planRates(table: string, rates: Rates): { readonly does: string; readonly run: () => void } | string {
    const change = this.#host.prepareRates(table, rates);
    if (typeof change === 'string') return change;
    if (change === undefined) return { does: 'these rates were published before', run: () => undefined };
    const count = rates.length === 1 ? '1 rate is' : `${rates.length} rates are`;
    return { does: `${count} published in table "${table}"`, run: change };
  }

  /** What a command would do, in words, and how; or why it may not, in one line. */
  #plan(command: Command): { readonly does: string; readonly run: () => void } | string {
    const matcher = this.#matcher;
    if (command.kind === 'rules') return this.#planRules(command.json, command.hash);
    if (command.kind === 'rates') return this.#planRates(command.table, command.rates);
    const state = this.#host.stateNamed(command.reconciliation);
    if (state === undefined) return `reconciliation "${command.reconciliation}" is not in the rules in force`;
    switch (command.kind) {
      case 'match':
      case 'adjust': {
        const plan = planMatch(matcher.core, state, command);
        if (typeof plan === 'string') return plan;
        const run = (): void => makeMatch(matcher, plan, command.kind);
        return { does: `${recordsOf(plan.legs.length)} matched`, run };
      }
      case 'writeOff': {
        const records = planWriteOff(matcher, state, command);
        if (typeof records === 'string') return records;
        const run = (): void => writeOff(matcher, state, records);
        return { does: `${recordsOf(records.length)} written off`, run };
      }
      case 'unmatch': {
        const plan = planUnmatch(matcher, this.#host, state, command);
        if (typeof plan === 'string') return plan;
        return {
          does: `${recordsOf(command.records.length)} open again`,
          run: () => unmatch(matcher, plan, command),
        };
      }
      case 'reopen': {
        const plan = planReopen(matcher, this.#host, state, command);
        if (typeof plan === 'string') return plan;
        return { does: plan.does, run: () => reopen(matcher, plan) };
      }
      case 'assignReason': {
        const broken = planReason(matcher, this.#host, state, command);
        if (typeof broken === 'string') return broken;
        return { does: 'the reason is noted', run: () => assignReason(matcher, broken, command.reason) };
      }
    }
  }
}

function recordsOf(count: number): string {
  return count === 1 ? '1 record' : `${count} records`;
}
