import { exponentOf, formatMinor } from '../../../engine/domain/index.ts';
import type { Faults } from '../faults.ts';
import type { Simulator } from '../play.ts';
import type { ExpectedRecord, Scenario } from '../scenario/index.ts';
import type { PostWebhook } from '../webhook-sender.ts';

/** One simulated company, with what reads it. */
export interface WorldPart {
  /** Of the source. */
  readonly name: string;
  readonly simulator: Simulator;
  /** Settings of the source, with names of secrets in them: `${NAME}`. */
  readonly source: object;
  readonly secrets: { readonly [name: string]: string };
  /** One line for each record that must be in the store in the end, see {@link lineOf}. */
  wanted(scenario: Scenario): readonly string[];
}

/** What the parts of a world have in common. */
export interface PartContext {
  readonly now: () => number;
  readonly faults: Faults;
  readonly hangMs: number;
  /** Webhooks that are posted at a time, by providers that may do many. */
  readonly concurrency: number;
  /** Posts to the webhooks of a source. */
  readonly post: (source: string) => PostWebhook;
  /** Whose outlets and accounts there are. */
  readonly merchants: readonly string[];
  /** Where companies and the shop put files. */
  readonly directory: string;
  /** Settings of a source that calls its provider at this address. */
  readonly live: (url: string) => object;
  /** Where records go whose provider names no account of ours. */
  readonly account: string;
}

/** A record as it is compared: `id kind currency amount fee tax payout`, amounts in major units. */
export function lineOf(id: string, record: ExpectedRecord, payout?: string): string {
  const { kind, currency, amount, fee, tax } = record;
  const money = [amount, fee, tax].map((minor) => formatMinor(minor, exponentOf(currency)));
  return [id, kind, currency, ...money, payout ?? ''].join(' ');
}
