import { DAY_MS, type MoneyRecord, type RuleSet, type SourceFinding } from '../domain/index.ts';
import { Random } from './random.ts';
import { RandomRecords } from './random-records.ts';
import { changedRules, randomRules } from './random-rules.ts';
import { traceOf, type Trace, type TraceStep } from './trace.ts';

/** How large a random trace is. */
export interface TraceBounds {
  /** Messages after the first `rules` message. A shorter trace of the same seed is the beginning of a longer one. */
  readonly steps?: number;
  /** The most records in a frame. */
  readonly recordsPerFrame?: number;
}

const START = Date.UTC(2026, 10, 20, 22);

/**
 * A log to try a matcher with: few distinct keys and amounts, records out of order and late, on the very edges of
 * windows, repeated, with ids used again, of unknown sources, of the far future; sources that fall silent; rules that
 * change. The same seed and bounds give the same trace.
 */
export function randomTrace(seed: number, bounds: TraceBounds = {}): Trace {
  const { steps: count = 60, recordsPerFrame = 8 } = bounds;
  const random = new Random(seed);
  let rules = randomRules(random);
  const records = new RandomRecords(random);
  let logTime = START;
  const steps: TraceStep[] = [{ kind: 'rules', logTime, rules }];
  for (let i = 0; i < count; i++) {
    logTime = advance(random, logTime);
    const step = randomStep(random, logTime, rules, records, recordsPerFrame);
    // A set that is refused for good would have every later one refused with it.
    if (
      step.kind === 'rules' &&
      step.rules.seenHorizon === rules.seenHorizon &&
      step.rules.partitionBy === rules.partitionBy
    )
      rules = step.rules;
    steps.push(step);
  }
  return traceOf(seed, steps);
}

/** Log time stands still, creeps, leaps over an idle timeout, or even goes back a little. */
function advance(random: Random, logTime: number): number {
  return (
    logTime +
    random.weighted([
      [30, 0],
      [20, random.integer(1, 50)],
      [20, random.integer(500, 1500)],
      [12, random.integer(20_000, 70_000)],
      [6, random.pick([60_000, 600_000, 3_600_000])],
      [1, random.pick([DAY_MS, 3 * DAY_MS])],
      [1, -random.integer(1, 2000)],
    ])
  );
}

function randomStep(
  random: Random,
  logTime: number,
  rules: RuleSet,
  records: RandomRecords,
  recordsPerFrame: number,
): TraceStep {
  const kind = random.weighted([
    [70, 'records'],
    [12, 'tick'],
    [10, 'progress'],
    [4, 'rules'],
    [2, 'finding'],
    [1, 'command'],
  ] as const);
  switch (kind) {
    case 'records': {
      const made: MoneyRecord[] = [];
      const size = random.integer(1, recordsPerFrame);
      while (made.length < size) made.push(records.next(rules, logTime));
      return { kind, logTime, records: made };
    }
    case 'progress':
      return {
        kind,
        logTime,
        source: sourceName(random, rules),
        time: logTime + random.pick([-3_600_000, -1000, 0, 1]),
      };
    case 'rules':
      return { kind, logTime, rules: changedRules(random, rules) };
    case 'finding':
      return { kind, logTime, finding: balanceFinding(sourceName(random, rules)) };
    case 'tick':
    case 'command':
      return { kind, logTime };
  }
}

function sourceName(random: Random, rules: RuleSet): string {
  return random.chance(0.05) ? 'stranger' : random.pick(rules.sources).name;
}

function balanceFinding(source: string): SourceFinding {
  return {
    kind: 'balance',
    source,
    recordId: '',
    account: 'a1',
    currency: 'AED',
    amount: 1250,
    message: 'opening balance and lines differ from the closing balance by 12.50',
  };
}
