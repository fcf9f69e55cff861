import type { MoneyRecord, RecordKind } from '../../../engine/domain/index.ts';
import type { Fault, Faults } from '../../simulators/faults.ts';
import type { Simulator } from '../../simulators/play.ts';
import type { Scenario, ScenarioSource } from '../../simulators/scenario/index.ts';
import type { PostWebhook } from '../../simulators/webhook-sender.ts';
import type { LiveLine } from './lines.ts';

export interface SampleSettings {
  /** Where the provider's API is; empty for one that has none. */
  readonly url: string;
  readonly secrets: readonly string[];
  /** For files that the source shares with the provider's stand-in. */
  readonly directory: string;
}

export interface SampleProviderOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly post: PostWebhook;
  readonly faults: Faults;
  /** What it signs with; empty where it sends no webhooks. */
  readonly secret: string;
  readonly directory: string;
}

/** A provider's stand-in. */
export interface SampleProvider extends Simulator {
  readonly url: string;
}

/** How a provider pushes. */
export interface SampleWebhooks {
  /** The one in use, the next one, and one of somebody else. */
  readonly secrets: readonly [inUse: string, next: string, foreign: string];
  /** The headers that a provider with this secret sends with a body. */
  sign(body: string, secret: string, atMs: number): { readonly [name: string]: string };
  /** Kinds of records that webhooks tell of, where others come by polls alone. */
  readonly told?: readonly RecordKind[];
  /** What becomes of a body that is well signed and cannot be read: it is refused with 400, or a dead letter. */
  readonly malformed: 'refused' | 'deadLetter';
  /** An event of a type that nobody knows, and the codes of the dead letters that it leaves. */
  readonly unknownEvent: { readonly body: string; readonly leaves: readonly string[] };
}

/** What a test in real time needs besides, because all that it plays is long past. */
export interface SamplePast {
  readonly settings?: { readonly [setting: string]: unknown };
  /** The merchant's own systems tell once more, where a source looks again only after hours. */
  readonly remind?: (scenario: Scenario, directory: string) => void;
  /** Everything has happened before the source is there: its provider closes days, which go by once. */
  readonly isOver?: boolean;
}

/** What the suite needs to know of a connector that talks with its provider. */
export interface LiveSample {
  /** Whose part of a scenario its provider plays. */
  readonly provider: ScenarioSource;
  /** As they would be written, without `connector`, and without `http` where the API's address is all that matters. */
  settings(given: SampleSettings): { readonly [setting: string]: unknown };
  start(options: SampleProviderOptions): Promise<SampleProvider>;
  /** Undefined for a provider that sends none. */
  readonly webhooks?: SampleWebhooks;
  /** The records that the source must have in the end: a line of `lineOf` by key. */
  expected(scenario: Scenario): { readonly [key: string]: string };
  /** What a record is known by there. Default: its id. */
  readonly keyOf?: (record: MoneyRecord) => string;
  /** Puts a currency that nobody knows, XXQ, into a delivery, and into an answer of the API. */
  readonly unknownCurrency: (text: string) => string;
  readonly past?: SamplePast;
  /** Lines that do not apply, with the reason. The suite says so, and checks what it can of the reason. */
  readonly notApplicable: { readonly [line in LiveLine]?: string };
  /** Faults that lose records of such a source by their nature, with the reason. */
  readonly cannotBear: { readonly [fault in Fault]?: string };
}
