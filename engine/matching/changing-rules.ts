import type { Rates, RulesFrame, RuleSet } from '../domain/index.ts';
import { Calendars, publishRates, takeOverRates } from '../rules/index.ts';
import type { CommandHost } from './commands/commander.ts';
import { NewRates } from './commands/new-rates.ts';
import { Reindexing } from './commands/reindexing.ts';
import type { Matcher } from './matcher.ts';
import type { Replacing } from './replacing/replacing.ts';
import { RulesInForce } from './rules-in-force.ts';
import type { SourceWatermark } from './source-watermark.ts';

/** The kernel as far as its rules concern it. */
export interface RuledKernel {
  rules: RulesInForce | undefined;
  readonly matcher: Matcher;
  readonly replacing: Replacing;
  readonly sources: SourceWatermark;
}

/** Prepares other rules and rates for a kernel: until what is prepared is called, nothing has changed. */
export class ChangingRules {
  readonly #kernel: RuledKernel;
  readonly #host: CommandHost;

  constructor(kernel: RuledKernel, host: CommandHost) {
    this.#kernel = kernel;
    this.#host = host;
  }

  /** The rules of a message come into force, or a finding says why not. @returns whether they did */
  take(set: RuleSet, { json, hash }: RulesFrame): boolean {
    const change = this.prepare(set, json, hash);
    if (typeof change !== 'string') {
      change();
      return true;
    }
    this.#kernel.matcher.core.emitter.finding({
      kind: 'rulesRefused',
      source: '',
      recordId: '',
      account: '',
      currency: '',
      amount: 0,
      message: `the new rules are refused: ${change}`,
    });
    return false;
  }

  /** What puts new rules in force; or why they are refused, in one line. */
  prepare(set: RuleSet, json: string, hash: string): (() => void) | string {
    const { rules } = this.#kernel;
    if (hash === rules?.hash) return () => undefined;
    if (rules?.set.publishedRates === undefined) return this.#prepareWhole(set, json, hash);
    const whole = takeOverRates(rules.set, set);
    return this.#prepareWhole(whole, JSON.stringify(whole), hash);
  }

  /** What puts further published rates in force; undefined where they are in force; or why they are refused. */
  prepareRates(table: string, rates: Rates): (() => void) | string | undefined {
    const { rules, matcher } = this.#kernel;
    if (rules === undefined) return 'no rules are in force yet';
    const next = publishRates(rules.set, table, rates);
    if (typeof next === 'string') return next;
    if (next === rules.set) return undefined;
    return () => {
      // What is due happens by the rates that there were.
      matcher.raise(matcher.core.watermark);
      this.#kernel.rules = rules.withRates(next, matcher.core.reader);
      new NewRates(matcher, rules.reconciliations, rules.set, next).enact();
    };
  }

  #prepareWhole(set: RuleSet, json: string, hash: string): (() => void) | string {
    const kernel = this.#kernel;
    const { matcher, replacing, sources, rules: before } = kernel;
    const { core, expiring } = matcher;
    const prepared = RulesInForce.prepare(set, json, hash, before, core);
    if (typeof prepared === 'string') return prepared;
    return () => {
      // What is due happens by the rules under which it was due.
      matcher.raise(core.watermark);
      const reindexing = new Reindexing(matcher, before?.reconciliations ?? [], prepared.change);
      reindexing.takeOut();
      kernel.rules = prepared.rules;
      prepared.enact();
      sources.setSources(set.sources, set.maxAhead, new Calendars(set.calendars));
      replacing.setSources(set.sources);
      reindexing.bringBack(this.#host);
      matcher.raise(Number.NEGATIVE_INFINITY);
      expiring.endMessage();
    };
  }
}
