import type { MoneyRecord, RuleSet } from '../domain/index.ts';
import { traceOf, type Trace } from './trace.ts';
import type { TraceStep } from './trace-step.ts';
import { ruleSetProblem } from './written-rules.ts';

/** Longer than this a smaller trace is not looked for, in milliseconds. */
const MOST_TIME = 10_000;

/**
 * The smallest trace found, by leaving out steps, records, parts of rules and of records, for which `fails` still
 * holds: to read a disagreement by eye. The first step, the rules, always stays.
 * @param mostTime after this many milliseconds what was found by then is the answer
 */
export function shrinkTrace(trace: Trace, fails: (trace: Trace) => boolean, mostTime = MOST_TIME): Trace {
  return new Shrinking(trace, fails, performance.now() + mostTime).run();
}

class Shrinking {
  #best: Trace;
  readonly #fails: (trace: Trace) => boolean;
  readonly #deadline: number;

  constructor(trace: Trace, fails: (trace: Trace) => boolean, deadline: number) {
    this.#best = trace;
    this.#fails = fails;
    this.#deadline = deadline;
  }

  /** What one pass makes possible another may need: until nothing more goes. */
  run(): Trace {
    for (let before: Trace | undefined; before !== this.#best && this.#inTime();) {
      before = this.#best;
      this.#leaveOutSteps();
      this.#leaveOutRecords();
      this.#simplifyRules();
      this.#simplifyRecords();
    }
    return this.#best;
  }

  #inTime(): boolean {
    return performance.now() < this.#deadline;
  }

  #attempt(steps: readonly TraceStep[]): boolean {
    if (!this.#inTime()) return false;
    const candidate = traceOf(this.#best.seed, steps);
    if (!this.#fails(candidate)) return false;
    this.#best = candidate;
    return true;
  }

  #leaveOutSteps(): void {
    const half = Math.ceil(this.#best.steps.length / 2);
    for (let size = half; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 1; from < this.#best.steps.length;) {
        if (!this.#attempt(this.#best.steps.toSpliced(from, size))) from += size;
      }
    }
  }

  #leaveOutRecords(): void {
    for (let i = 1; i < this.#best.steps.length; i++) {
      for (let row = 0; ;) {
        const step = this.#best.steps[i]!;
        if (step.kind !== 'records' || row >= step.records.length || step.records.length === 1) break;
        const records = step.records.toSpliced(row, 1);
        if (!this.#attempt(this.#best.steps.with(i, { ...step, records }))) row += 1;
      }
    }
  }

  /** A change is made to all the rule sets of the trace that it applies to, so that no change of rules comes of it. */
  #simplifyRules(): void {
    const inForce = (): RuleSet[] =>
      this.#best.steps.flatMap((step) => (step.kind === 'rules' ? [step.rules] : []));
    for (let set = 0; set < inForce().length; set++) {
      const tried = new Set<string>();
      for (let found = true; found && this.#inTime();) {
        found = false;
        for (const path of pathsOf(inForce()[set]!)) {
          const name = JSON.stringify(path);
          if (tried.has(name)) continue;
          tried.add(name);
          const without = inForce().map((rules) => leftOut(rules, path) as RuleSet);
          if (without.some((rules) => !isWhole(rules))) continue;
          let next = 0;
          if (
            !this.#attempt(
              this.#best.steps.map((step) =>
                step.kind === 'rules' ? { ...step, rules: without[next++]! } : step,
              ),
            )
          )
            continue;
          // What stood behind it in a list has moved to its place.
          tried.clear();
          found = true;
          break;
        }
      }
    }
  }

  #simplifyRecords(): void {
    for (let i = 1; i < this.#best.steps.length; i++) {
      for (let row = 0; ; row++) {
        const step = this.#best.steps[i]!;
        if (step.kind !== 'records' || row >= step.records.length) break;
        for (const path of pathsOfRecord(step.records[row]!)) this.#simplifyRecord(i, row, path);
      }
    }
  }

  #simplifyRecord(i: number, row: number, path: readonly string[]): void {
    const step = this.#best.steps[i]!;
    if (step.kind !== 'records') return;
    const [first, second] = path;
    const record = step.records[row]!;
    const simpler =
      first === 'fee' || first === 'tax'
        ? { ...record, [first]: 0n }
        : (leftOut(record, second === undefined ? [first!] : [first!, second]) as MoneyRecord);
    this.#attempt(this.#best.steps.with(i, { ...step, records: step.records.with(row, simpler) }));
  }
}

/** What of a record may go: optional fields, single references and attributes, and costs, which become 0. */
function pathsOfRecord(record: MoneyRecord): string[][] {
  return [
    ...(
      [
        'version',
        'bookingDate',
        'valueDate',
        'availableOn',
        'link',
        'original',
        'groupCount',
        'groupTotal',
      ] as const
    )
      .filter((field) => record[field] !== undefined)
      .map((field) => [field]),
    ...Object.keys(record.references).map((name) => ['references', name]),
    ...Object.keys(record.attributes).map((name) => ['attributes', name]),
    ...(['fee', 'tax'] as const).filter((field) => record[field] !== 0n).map((field) => [field]),
  ];
}

type Path = readonly (string | number)[];

/** Every member of every object and list in a value, the outer before the inner. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [];
  const names: (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  const here = names.map((name) => [...path, name]);
  return [
    ...here,
    ...here.flatMap((inner) =>
      pathsOf((value as { [name: string | number]: unknown })[inner.at(-1)!], inner),
    ),
  ];
}

/** The value without what stands at a path; as it was where nothing does. */
function leftOut(value: unknown, [name, ...rest]: Path): unknown {
  if (value === null || typeof value !== 'object' || name === undefined) return value;
  if (Array.isArray(value)) {
    if (typeof name !== 'number' || name >= value.length) return value;
    return rest.length === 0 ? value.toSpliced(name, 1) : value.with(name, leftOut(value[name], rest));
  }
  if (!Object.hasOwn(value, name)) return value;
  const members = value as { [name: string]: unknown };
  if (rest.length > 0) return { ...members, [name]: leftOut(members[name], rest) };
  return Object.fromEntries(Object.entries(members).filter(([each]) => each !== name));
}

/** Whether a rule set is still one that the kernel can be given. */
function isWhole(rules: RuleSet): boolean {
  try {
    return rules.reconciliations.length > 0 && ruleSetProblem(rules) === undefined;
  } catch {
    return false;
  }
}
