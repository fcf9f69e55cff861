import type { KernelOptions } from '../matching/kernel-types.ts';
import {
  cutDisagreement,
  disagreement,
  report,
  restoreDisagreement,
  type Disagreement,
} from './agreement.ts';
import { budgetDisagreement } from './budget-agreement.ts';
import { FEATURES, type Feature } from './random-features.ts';
import { randomTrace } from './random-trace.ts';
import { Random } from './random.ts';
import { BY_RECORDS, BY_SOURCES } from './trace-run.ts';
import type { Trace } from './trace.ts';

/** Records as wild as they come, in pairs, and definitions that change. */
export const WILD = 'wild';

/** What a trace is full of, as {@link randomTrace} takes it. */
type Theme = typeof WILD | readonly Feature[];

/** What is compared about each trace. */
export const CHECKS = ['bySources', 'byRecords', 'cuts', 'restores', 'budgets'] as const;
export type Check = (typeof CHECKS)[number];

export interface Batch {
  /** Of these features each trace has some; WILD: none, but see there. */
  readonly theme: Theme;
  readonly check: Check;
  /** Traces are compared until they had so many records, or as many as COUNTERFOIL_RUNS says. */
  readonly records: number;
}

/** What was compared, to be printed. */
export interface BatchCount {
  readonly traces: number;
  readonly records: number;
}

/**
 * Compares random traces of new seeds, each time others, or from the seed COUNTERFOIL_SEED on.
 * @returns how much was compared, or what is wrong, with how to see it again
 */
export function compareBatch({ theme: wide, check, records: wanted }: Batch): BatchCount | string {
  // Commands point at places in the log, and those depend on budgets.
  const theme = check === 'budgets' && wide !== WILD ? wide.filter((each) => each !== 'commands') : wide;
  const first = Number(process.env['COUNTERFOIL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const runs = process.env['COUNTERFOIL_RUNS'];
  let records = 0;
  let traces = 0;
  const goesOn = (): boolean => (runs === undefined ? records < wanted : traces < Number(runs));
  for (; goesOn(); traces++) {
    const seed = (first + traces) % 2 ** 32;
    const { trace, features } = traceOfSeed(seed, theme);
    const wrong = report(trace, (candidate) => findIn(candidate, check, seed));
    if (wrong !== undefined) {
      const setting = `COUNTERFOIL_SEED=${seed} COUNTERFOIL_RUNS=1 COUNTERFOIL_FEATURES=${features}`;
      return `${check}, seed ${seed}, ${features}: ${wrong}\n\nAgain: ${setting} npx vitest run --project unit engine/matching/agreement.test.ts -t ${check}`;
    }
    records += trace.steps.reduce(
      (sum, step) => sum + (step.kind === 'records' ? step.records.length : 0),
      0,
    );
  }
  return { traces, records };
}

/** The trace that a seed stands for: its size, too, and which of the features it has. */
export function traceOfSeed(seed: number, theme: Theme): { trace: Trace; features: string } {
  const random = new Random(seed ^ 0x5eed);
  const bounds = { steps: random.integer(20, 110), recordsPerFrame: random.integer(1, 20) };
  if (theme === WILD) return { trace: randomTrace(seed, bounds), features: WILD };
  // A set that was asked for is asked for whole; of the list in force each trace has some.
  const whole = process.env['COUNTERFOIL_FEATURES'] !== undefined || random.chance(0.15);
  const features = theme.filter(() => whole || random.chance(0.5));
  return { trace: randomTrace(seed, { ...bounds, features }), features: features.join(',') || 'plain' };
}

function findIn(trace: Trace, check: Check, seed: number): Disagreement | undefined {
  const options: KernelOptions = seed % 4 === 0 ? BY_RECORDS : BY_SOURCES;
  switch (check) {
    case 'bySources':
      return disagreement(trace, BY_SOURCES);
    case 'byRecords':
      return disagreement(trace, BY_RECORDS);
    case 'cuts':
      return cutDisagreement(trace, seed, BY_SOURCES);
    case 'restores':
      return restoreDisagreement(trace, randomRestores(seed), options);
    case 'budgets':
      return budgetDisagreement(trace, seed, options);
  }
}

/** Any message, and from there on after every one, or now and then, so that a restored kernel also lives on for a while. */
function randomRestores(seed: number): { readonly first: number; readonly every: number } {
  const random = new Random(seed ^ 0x4e5704e);
  return { first: random.integer(0, 39), every: random.pick([1, 4, 7, 10, 15, 20, 30, 40]) };
}

/** The features of COUNTERFOIL_FEATURES (`groups,late`; `plain` for none; `wild`), or those given where it is unset. */
export function themeOf(agreed: readonly Feature[]): Theme {
  const asked = process.env['COUNTERFOIL_FEATURES'];
  if (asked === undefined) return agreed;
  if (asked === WILD) return WILD;
  if (asked === 'all') return FEATURES;
  const names = asked === 'plain' ? [] : asked.split(',');
  const unknown = names.find((name) => !(FEATURES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new Error(
      `COUNTERFOIL_FEATURES names "${unknown}"; there are wild, plain, all, ${FEATURES.join(', ')}`,
    );
  }
  return names as Feature[];
}
