import type { ResultSink } from '../../../engine/matching/kernel-types.ts';
import type { Break, CommandAnswer, Finding, Match, RecordFrame } from '../../../engine/domain/index.ts';
import { stringAt } from '../../../engine/codec/index.ts';
import { BreakTable } from './break-table.ts';
import { MatchTable } from './match-table.ts';
import type { MayChange } from './match-table.ts';
import { commandLine, deadLetterLine, findingLine, matchLine } from './result-lines.ts';
import type { CommandLine, DeadLetterLine } from './result-lines.ts';

/** Lines of each kind that the readable summary shows. */
const SHOWN = 5;

/** Where row `row` of the frame at hand was read. */
export type PlaceOf = (row: number) => { readonly file: string; readonly line: number };

/** Hears of every version of a match and break, and of rows that became no record. */
export interface ResultListener {
  /** Row `row` of the frame at hand was a repeat or was refused. */
  dropped(row: number): void;
  match(match: Match): void;
  break(version: Break): void;
}

export interface CollectorOptions {
  /** Takes each line of the results; undefined when nobody wants them. */
  readonly line: ((text: string) => void) | undefined;
  readonly placeOf: PlaceOf;
  readonly mayChange: MayChange;
  readonly listener?: ResultListener | undefined;
}

/**
 * Takes the kernel's results. Matches that are final go out at once; those that are not and breaks may change until the
 * end; answers, dead letters and findings are kept as text to stand behind them.
 */
export class ResultCollector implements ResultSink {
  readonly breaks = new BreakTable();
  /** The first few, for the readable summary. */
  readonly firstDeadLetters: DeadLetterLine[] = [];
  readonly firstFindings: string[] = [];
  readonly firstRefusals: string[] = [];
  /** Those that stand. */
  matches = 0;
  deadLetters = 0;
  findings = 0;
  acceptedCommands = 0;
  refusedCommands = 0;
  readonly #options: CollectorOptions;
  readonly #changing = new MatchTable();
  readonly #answerLines: string[] = [];
  #deadLetterLines: string[] = [];
  #findingLines: string[] = [];

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  accepted(): void {
    // The kernel's summary counts them.
  }

  duplicate(_frame: RecordFrame, row: number): void {
    // The kernel's summary counts them.
    this.#options.listener?.dropped(row);
  }

  refused(frame: RecordFrame, row: number, _n: number, code: string, reason: string): void {
    const source = stringAt(frame.source.values, frame.source.index[row]!);
    this.deadLetter({ source, ...this.#options.placeOf(row), code, reason });
    this.#options.listener?.dropped(row);
  }

  match(match: Match): void {
    if (match.state === 'unmatched') this.matches--;
    else if (match.version === 1) this.matches++;
    const { line, mayChange, listener } = this.#options;
    listener?.match(match);
    if (line === undefined) return;
    if (mayChange(match)) this.#changing.put(match);
    else line(matchLine(match));
  }

  break(version: Break): void {
    this.#options.listener?.break(version);
    this.breaks.put(version);
  }

  answer(answer: CommandAnswer): void {
    this.command(answer);
  }

  command(answer: CommandLine): void {
    if (answer.accepted) this.acceptedCommands++;
    else {
      this.refusedCommands++;
      if (this.firstRefusals.length < SHOWN)
        this.firstRefusals.push(`${answer.commandId} (${answer.kind}): ${answer.reason}`);
    }
    if (this.#options.line !== undefined) this.#answerLines.push(commandLine(answer));
  }

  finding(finding: Omit<Finding, 'sequence' | 'n' | 'logTime'>): void {
    this.findings++;
    if (this.firstFindings.length < SHOWN) this.firstFindings.push(`${finding.source}: ${finding.message}`);
    if (this.#options.line !== undefined) this.#findingLines.push(findingLine(finding));
  }

  deadLetter(letter: DeadLetterLine): void {
    this.deadLetters++;
    if (this.firstDeadLetters.length < SHOWN) this.firstDeadLetters.push(letter);
    if (this.#options.line !== undefined) this.#deadLetterLines.push(deadLetterLine(letter));
  }

  /** The lines of matches that could change until now. */
  changedMatches(): IterableIterator<string> {
    return this.#changing.lines();
  }

  /** The lines that stand behind the matches and breaks. */
  *trailing(): Generator<string> {
    yield* this.#answerLines;
    yield* this.#deadLetterLines;
    yield* this.#findingLines;
  }
}
