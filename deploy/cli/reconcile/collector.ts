import type { ResultSink } from '../../../engine/matching/kernel-types.ts';
import type { Break, Finding, Match, RecordFrame } from '../../../engine/domain/index.ts';
import { stringAt } from '../../../engine/codec/index.ts';
import { BreakTable } from './break-table.ts';
import { deadLetterLine, findingLine, matchLine } from './result-lines.ts';
import type { DeadLetterLine } from './result-lines.ts';

/** Lines of each kind that the readable summary shows. */
const SHOWN = 5;

/** Where row `row` of the frame at hand was read. */
export type PlaceOf = (row: number) => { readonly file: string; readonly line: number };

/**
 * Takes the kernel's results. Matches are final and go out at once; breaks may change until the end; dead letters and
 * findings are kept as text to stand behind them.
 */
export class ResultCollector implements ResultSink {
  readonly breaks = new BreakTable();
  /** The first few, for the readable summary. */
  readonly firstDeadLetters: DeadLetterLine[] = [];
  readonly firstFindings: string[] = [];
  matches = 0;
  deadLetters = 0;
  findings = 0;
  readonly #line: ((text: string) => void) | undefined;
  readonly #placeOf: PlaceOf;
  #deadLetterLines: string[] = [];
  #findingLines: string[] = [];

  /** @param line takes each line of the results; undefined when nobody wants them */
  constructor(line: ((text: string) => void) | undefined, placeOf: PlaceOf) {
    this.#line = line;
    this.#placeOf = placeOf;
  }

  accepted(): void {
    // The kernel's summary counts them.
  }

  duplicate(): void {
    // The kernel's summary counts them.
  }

  refused(frame: RecordFrame, row: number, _n: number, code: string, reason: string): void {
    const source = stringAt(frame.source.values, frame.source.index[row]!);
    this.deadLetter({ source, ...this.#placeOf(row), code, reason });
  }

  match(match: Match): void {
    this.matches++;
    this.#line?.(matchLine(match));
  }

  break(version: Break): void {
    this.breaks.put(version);
  }

  finding(finding: Omit<Finding, 'sequence' | 'n' | 'logTime'>): void {
    this.findings++;
    if (this.firstFindings.length < SHOWN) this.firstFindings.push(`${finding.source}: ${finding.message}`);
    if (this.#line !== undefined) this.#findingLines.push(findingLine(finding));
  }

  deadLetter(letter: DeadLetterLine): void {
    this.deadLetters++;
    if (this.firstDeadLetters.length < SHOWN) this.firstDeadLetters.push(letter);
    if (this.#line !== undefined) this.#deadLetterLines.push(deadLetterLine(letter));
  }

  /** The lines that stand behind the matches and breaks. */
  *trailing(): Generator<string> {
    yield* this.#deadLetterLines;
    yield* this.#findingLines;
  }
}
