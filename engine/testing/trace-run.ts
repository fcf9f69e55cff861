import type { LogMessage } from '../domain/index.ts';
import type { KernelOptions } from '../matching/kernel-types.ts';
import { progressMessage, recordsMessage, rulesMessage, tickMessage } from './frames.ts';
import { ReferenceMatcher } from './reference-matcher.ts';
import type { Result } from './results.ts';
import { commandJson } from './trace-commands.ts';
import { TraceLedger } from './trace-ledger.ts';
import type { TraceStep } from './trace-step.ts';

/** Watermarks as a deployment has them. */
export const BY_SOURCES: KernelOptions = { epoch: 1, partition: 0, watermark: 'sources' };
/** Watermarks as the file command has them. */
export const BY_RECORDS: KernelOptions = { epoch: 0, partition: 0, watermark: 'records' };

/** What a reference matcher makes of the steps of a trace. */
export interface ReferenceRun {
  /** The steps as messages; numbers grow by the records of each where every record is a message of its own. */
  readonly messages: readonly LogMessage[];
  readonly results: readonly Result[];
}

/**
 * Makes messages of steps one after the other, and gives them to a reference matcher: a command names what earlier
 * messages brought and what followed from them, so that its message cannot be made before.
 */
export class TraceRunner {
  readonly ledger: TraceLedger;
  readonly #keepsLedger: boolean;
  readonly #options: KernelOptions;
  readonly #matcher: ReferenceMatcher;
  readonly #messages: LogMessage[] = [];
  readonly #results: Result[] = [];
  #next = 1;

  /** @param keepsLedger whether there are commands, which name what came before them */
  constructor(options: KernelOptions, keepsLedger: boolean) {
    this.#options = options;
    this.#keepsLedger = keepsLedger;
    this.#matcher = new ReferenceMatcher(options);
    this.ledger = new TraceLedger(options.watermark === 'records');
  }

  apply(step: TraceStep): void {
    const message = messageOf(step, this.#next, this.ledger);
    this.#next += numbersOf(step, this.#options);
    const results = this.#matcher.apply(message);
    if (this.#keepsLedger) this.ledger.add(message, results);
    this.#messages.push(message);
    for (const result of results) this.#results.push(result);
  }

  /** Ends the input, if it has an end, and hands over everything. */
  finish(): ReferenceRun {
    if (this.#options.watermark === 'records') this.#results.push(...this.#matcher.finish());
    return { messages: this.#messages, results: this.#results };
  }
}

export function runSteps(steps: readonly TraceStep[], options: KernelOptions): ReferenceRun {
  const runner = new TraceRunner(options, hasCommands(steps));
  for (const step of steps) runner.apply(step);
  return runner.finish();
}

/** Whether there are commands that name what came before them. */
export function hasCommands(steps: readonly TraceStep[]): boolean {
  return steps.some((step) => step.kind === 'command' && step.command.kind !== 'raw');
}

/** The messages of steps without commands, which need no matcher. */
export function plainMessages(steps: readonly TraceStep[], options: KernelOptions): LogMessage[] {
  const ledger = new TraceLedger(false);
  let next = 1;
  return steps.map((step) => {
    const message = messageOf(step, next, ledger);
    next += numbersOf(step, options);
    return message;
  });
}

/** How many numbers of the log a step takes: with the watermark of records, each of them is a message of its own. */
function numbersOf(step: TraceStep, { watermark }: KernelOptions): number {
  return step.kind === 'records' && watermark === 'records' ? step.records.length : 1;
}

function messageOf(step: TraceStep, sequence: number, ledger: TraceLedger): LogMessage {
  const { logTime } = step;
  switch (step.kind) {
    case 'records':
      return recordsMessage(sequence, logTime, step.records);
    case 'rules':
      return rulesMessage(sequence, logTime, step.rules);
    case 'progress':
      return progressMessage(sequence, logTime, step.source, step.time);
    case 'finding':
      return { sequence, logTime, frame: { kind: 'finding', json: JSON.stringify(step.finding) } };
    case 'command':
      return { sequence, logTime, frame: { kind: 'command', json: commandJson(step.command, ledger) } };
    case 'tick':
      return tickMessage(sequence, logTime);
  }
}
