import type { Logger } from 'pino';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type {
  BreakView,
  CommandView,
  DeadLetterState,
  DeadLetterView,
  FindingView,
  MatchView,
  PartitionSummary,
  ResultQueries,
  RuleSet,
} from '../engine/domain/index.ts';
import type { CommandLog } from './commands/submit.ts';

/** What arrives on the live feed. */
export type LiveResult =
  | { readonly type: 'match'; readonly result: MatchView }
  | { readonly type: 'break'; readonly result: BreakView }
  | { readonly type: 'finding'; readonly result: FindingView }
  | { readonly type: 'command'; readonly result: CommandView }
  /** A partition reported its figures. */
  | { readonly type: 'summary'; readonly result: PartitionSummary }
  /** So many results passed undecoded, because more came than anyone could look at. */
  | { readonly type: 'missed'; readonly count: number };

/** An input of a POST that could not become a record. */
export interface RefusedInput {
  /** Place in the posted array, from 0. */
  readonly index: number;
  readonly code: string;
  readonly reason: string;
}

interface IngestAnswer {
  /** Records that the log holds now. Repeats are among them: the engine finds them by (source, id). */
  readonly accepted: number;
  readonly deadLetters: readonly RefusedInput[];
}

/** Who reads a dead letter again, and with what. */
export interface ReplayRequest {
  readonly by: string;
  readonly why?: string;
  /** The input as it should have been: of a file its whole content, else the payload. */
  readonly payload?: string;
}

/** What came of reading a dead letter again. */
export interface ReplayAnswer {
  /** `open` where the input is refused again. */
  readonly state: DeadLetterState;
  /** Records that the log holds now; those that it held before are among them. */
  readonly records: number;
  /** Further dead letters of the same file that are refused no more. */
  readonly others: number;
  /** What cannot become a record now, the first of it. */
  readonly refused: readonly { readonly line?: number; readonly code: string; readonly reason: string }[];
}

export interface ReadinessAnswer {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

/** The metrics that the API itself moves; engine/telemetry declares them. */
export interface ApiMetrics {
  readonly registry: Registry;
  /** Seconds. */
  readonly httpDuration: Histogram<'route' | 'method' | 'status'>;
  readonly liveClients: Gauge;
  readonly liveMissed: Counter;
}

export interface ApiLimits {
  /** Largest request body in bytes. */
  readonly bodyBytes: number;
  /** Most records in one POST. */
  readonly recordsPerPost: number;
  /** POSTs worked on at a time: with `bodyBytes` this bounds the memory that bodies can take. */
  readonly concurrentPosts: number;
  readonly liveClients: number;
  /** Events waiting for one slow live client; beyond it they are counted as missed. */
  readonly liveBacklogEvents: number;
  /** Bytes waiting for one slow live client. */
  readonly liveBacklogBytes: number;
  /** A live client that takes nothing for so long is disconnected. Milliseconds. */
  readonly liveStallMs: number;
  /** Between heartbeat comments on the live stream, milliseconds. */
  readonly liveHeartbeatMs: number;
  /** How long the answer to a command is waited for. Milliseconds. */
  readonly commandMs: number;
  /** A request that takes longer is answered 503. Milliseconds. */
  readonly requestMs: number;
}

export const DEFAULT_LIMITS: ApiLimits = {
  bodyBytes: 8 * 1024 * 1024,
  recordsPerPost: 10_000,
  concurrentPosts: 16,
  liveClients: 100,
  liveBacklogEvents: 1000,
  liveBacklogBytes: 256 * 1024,
  liveStallMs: 60_000,
  liveHeartbeatMs: 15_000,
  commandMs: 10_000,
  requestMs: 30_000,
};

/** Everything the API needs from the rest of the system. */
export interface ApiDeps {
  readonly queries: ResultQueries;
  /**
   * Translates posted records and makes them durable; resolves only when the log acknowledged all of them.
   * @throws CounterfoilError `unknownSource`, `overloaded`, `brokerUnreachable`, `timeout`
   */
  readonly ingest: (source: string, records: readonly unknown[]) => Promise<IngestAnswer>;
  /**
   * Reads a dead letter again and makes durable what comes of it.
   * @throws CounterfoilError `unknownSource`, `fileNotFound`, `invalidConfig`, `payloadTooLarge`, and what publishing throws
   */
  readonly replay: (letter: DeadLetterView, request: ReplayRequest) => Promise<ReplayAnswer>;
  /** Where commands go. */
  readonly commands: CommandLog;
  /** The latest summary of each partition, from memory. */
  readonly summaries: () => readonly PartitionSummary[];
  readonly live: { readonly subscribe: (listener: (result: LiveResult) => void) => () => void };
  /** The rules that the configuration states: they stand in until the store knows which are in force. */
  readonly rules: () => RuleSet;
  /** Sources that state balances beside their records, so that a statement can say whether they add up. */
  readonly balanceSources: readonly string[];
  readonly readiness: () => Promise<ReadinessAnswer>;
  readonly metrics: ApiMetrics;
  readonly logger: Logger;
  readonly limits?: Partial<ApiLimits>;
}
