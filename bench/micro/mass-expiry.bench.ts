import type { RuleSet } from '../../engine/domain/index.ts';
import { EXPIRY_BUDGET } from '../../engine/matching/index.ts';
import type { BenchFigure } from '../figures.ts';
import { middleTimes, TimedKernel, timeFigures } from './frame-times.ts';
import { TRACE_RULES } from './kernel-trace.ts';
import { numberRows, numberedFrame } from './numbered-frames.ts';

const FRAME_RECORDS = 512;
const START = Date.UTC(2026, 10, 20);
/** Milliseconds between two records: none of a million is due before the last has come. */
const APART = 7;
/** Past every window, and all that is retained. */
const LEAP_MS = 12 * 86_400_000;
const ROUNDS = 3;
const WARM_UP = 50_000;
/** Frames in which what was due must be handled, for each frame that brought it. */
const MOST_FRAMES = 20;

/** What is open when time leaps: records alone, or groups of so many that lack the other side. */
interface MassCase {
  readonly name: string;
  readonly rules: RuleSet;
  readonly members: number;
}

export const MASS_CASES: readonly MassCase[] = [
  { name: 'records alone', rules: TRACE_RULES, members: 1 },
  { name: 'groups of 500', rules: groupRules(), members: 500 },
];

/**
 * How long one frame of 512 records takes while the tables grow to so many open records of which none is matched, and
 * from the moment at which all of them are due until all have broken and left memory.
 */
export function measureMassExpiry(each: MassCase, open: number): BenchFigure[] {
  round(each, Math.min(open, WARM_UP));
  const rounds = Array.from({ length: ROUNDS }, () => round(each, open));
  const of = (what: 'growth' | 'expiry'): number[] => middleTimes(rounds.map((times) => times[what]));
  return [
    ...timeFigures(`${each.name}, ${open} open: growth`, of('growth')),
    ...timeFigures(`${each.name}, ${open} open: mass expiry`, of('expiry')),
  ];
}

function round(
  { rules, members }: MassCase,
  open: number,
): { readonly growth: number[]; readonly expiry: number[] } {
  const timed = new TimedKernel(rules, EXPIRY_BUDGET);
  // The records of a group have one account.
  const frame = numberedFrame('gateway', FRAME_RECORDS, START, members === 1 ? undefined : 1);
  let made = 0;
  const next = (leap: number): number => {
    numberRows(frame, made, (number) => START + number * APART + leap, members);
    made += FRAME_RECORDS;
    return timed.apply(frame);
  };
  const growth: number[] = [];
  while (made < open) growth.push(next(0));
  const expiry = [next(LEAP_MS)];
  while (timed.kernel.isBehind) {
    if (expiry.length > MOST_FRAMES * growth.length) throw new Error('what is due is never handled');
    expiry.push(next(LEAP_MS));
  }
  return { growth, expiry };
}

/** The same by groups, which are to be whole at the end of their windows. */
function groupRules(): RuleSet {
  return {
    ...TRACE_RULES,
    reconciliations: TRACE_RULES.reconciliations.map((each) => ({
      ...each,
      rules: [
        {
          name: 'by-reference',
          keys: ['references.reference'],
          cardinality: 'N:M',
          complete: 'onWindowEnd',
          tolerance: {},
        },
      ],
    })),
  };
}
