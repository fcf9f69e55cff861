import { DAY_MS, type RuleSet, type SourceFinding } from '../domain/index.ts';
import { RandomCommands } from './random-commands.ts';
import { FeatureRecords } from './random-feature-records.ts';
import { randomFeatureRules } from './random-feature-rules.ts';
import { advanceOf, randomPace, type Feature } from './random-features.ts';
import { RandomPublishedRates, withRatesSource, withoutRatesSource } from './random-published-rates.ts';
import { RandomRecords } from './random-records.ts';
import { changedFeatureRules } from './random-rule-changes.ts';
import type { RuleKit } from './random-rule-language.ts';
import { changedRules, randomRules } from './random-rules.ts';
import { TRACE_START } from './random-tables.ts';
import { Random } from './random.ts';
import type { TraceCommand } from './trace-commands.ts';
import { BY_SOURCES, TraceRunner } from './trace-run.ts';
import type { TraceStep } from './trace-step.ts';
import { keepRun, traceOf, type Trace } from './trace.ts';

/** How large a random trace is, and what it is full of. */
export interface TraceBounds {
  /** Messages after the first `rules` message. A shorter trace of the same seed is the beginning of a longer one. */
  readonly steps?: number;
  /** The most records in a frame. */
  readonly recordsPerFrame?: number;
  /**
   * What the trace is to be full of. None at all: records and rules as wild as they come, in pairs. An empty list:
   * pairs likewise, but definitions stay as they are.
   */
  readonly features?: readonly Feature[];
}

/**
 * A log to try a matcher with: few distinct keys and amounts, records out of order and late, on the very edges of
 * windows, repeated, with ids used again, of unknown sources, of the far future; sources that fall silent; rules that
 * change. The same seed and bounds give the same trace.
 */
export function randomTrace(seed: number, bounds: TraceBounds = {}): Trace {
  const { steps = 60, recordsPerFrame = 8, features } = bounds;
  const random = new Random(seed);
  if (features !== undefined) return featureTrace(seed, random, features, steps, recordsPerFrame);
  const rules = randomRules(random);
  const records = new RandomRecords(random);
  const maker: StepMaker = {
    random,
    recordsPerFrame,
    rules,
    record: (inForce, logTime) => records.next(inForce, logTime),
    changed: (inForce) => changedRules(random, inForce),
    advance: () => wildAdvance(random),
  };
  return traceOf(
    seed,
    stepsOf(maker, steps, () => undefined),
  );
}

/** What the steps of a trace are made by. */
interface StepMaker {
  readonly random: Random;
  readonly recordsPerFrame: number;
  /** In force, as far as can be told. */
  rules: RuleSet;
  readonly record: (rules: RuleSet, logTime: number) => ReturnType<RandomRecords['next']>;
  readonly changed: (rules: RuleSet) => RuleSet;
  /** Milliseconds from one message to the next. */
  readonly advance: () => number;
  /** How often a message is a command, and what it then says. */
  readonly commands?: { readonly weight: number; readonly next: (rules: RuleSet) => TraceStep };
}

function featureTrace(
  seed: number,
  random: Random,
  features: readonly Feature[],
  count: number,
  recordsPerFrame: number,
): Trace {
  const isPublished = features.includes('rates');
  const wanted: ReadonlySet<Feature> = new Set(isPublished ? [...features, 'fx'] : features);
  const kit: RuleKit = { random, features: wanted, pace: randomPace(random, wanted) };
  const first = isPublished ? withRatesSource(random, randomFeatureRules(kit)) : randomFeatureRules(kit);
  const records = new FeatureRecords(kit);
  const earlier: RuleSet[] = [first];
  const changed = (rules: RuleSet): RuleSet => {
    const other = changedFeatureRules(kit, rules, earlier);
    const next = isPublished && random.chance(0.1) ? withoutRatesSource(other) : other;
    earlier.push(next);
    return next;
  };
  // Commands speak of what a matcher has said: it has to be asked while the trace is made.
  const runner = wanted.has('commands') ? new TraceRunner(BY_SOURCES, true) : undefined;
  const commands = runner === undefined ? undefined : new RandomCommands(random, runner.ledger);
  const rates = isPublished ? new RandomPublishedRates(random) : undefined;
  const command = (rules: RuleSet): TraceCommand =>
    rates !== undefined && (commands === undefined || random.chance(0.3))
      ? rates.next()
      : commands!.next(rules, changed);
  const maker: StepMaker = {
    random,
    recordsPerFrame,
    rules: first,
    record: (rules, logTime) => records.next(rules, logTime),
    changed,
    advance: () => advanceOf(random, kit.pace),
    ...(commands === undefined && rates === undefined
      ? {}
      : {
          commands: {
            weight: commands === undefined ? 6 : 16,
            next: (rules: RuleSet): TraceStep => ({ kind: 'command', logTime: 0, command: command(rules) }),
          },
        }),
  };
  const trace = traceOf(
    seed,
    stepsOf(maker, count, (step) => runner?.apply(step)),
  );
  if (runner !== undefined) keepRun(trace, BY_SOURCES, runner.finish());
  return trace;
}

/** @param made told of each step before the next is made */
function stepsOf(maker: StepMaker, count: number, made: (step: TraceStep) => void): TraceStep[] {
  let logTime = TRACE_START;
  const steps: TraceStep[] = [{ kind: 'rules', logTime, rules: maker.rules }];
  made(steps[0]!);
  for (let i = 0; i < count; i++) {
    logTime += maker.advance();
    const step = { ...randomStep(maker, logTime), logTime };
    const next = step.kind === 'rules' ? step.rules : changeOf(step);
    // A set that is refused for good would have every later one refused with it.
    if (
      next !== undefined &&
      next.seenHorizon === maker.rules.seenHorizon &&
      next.partitionBy.length === maker.rules.partitionBy.length
    )
      maker.rules = next;
    steps.push(step);
    made(step);
  }
  return steps;
}

function changeOf(step: TraceStep): RuleSet | undefined {
  return step.kind === 'command' && step.command.kind === 'rules' ? step.command.rules : undefined;
}

/** Log time stands still, creeps, leaps over an idle timeout, or even goes back a little. */
function wildAdvance(random: Random): number {
  return random.weighted([
    [30, 0],
    [20, random.integer(1, 50)],
    [20, random.integer(500, 1500)],
    [12, random.integer(20_000, 70_000)],
    [6, random.pick([60_000, 600_000, 3_600_000])],
    [1, random.pick([DAY_MS, 3 * DAY_MS])],
    [1, -random.integer(1, 2000)],
  ]);
}

function randomStep(maker: StepMaker, logTime: number): TraceStep {
  const { random, rules, commands } = maker;
  const kind = random.weighted([
    [70, 'records'],
    [12, 'tick'],
    [10, 'progress'],
    [4, 'rules'],
    [2, 'finding'],
    [commands?.weight ?? 1, 'command'],
  ] as const);
  switch (kind) {
    case 'records': {
      const size = random.integer(1, maker.recordsPerFrame);
      return { kind, logTime, records: Array.from({ length: size }, () => maker.record(rules, logTime)) };
    }
    case 'progress':
      return {
        kind,
        logTime,
        source: sourceName(random, rules),
        time: logTime + random.pick([-3_600_000, -1000, 0, 1]),
      };
    case 'rules':
      return { kind, logTime, rules: maker.changed(rules) };
    case 'finding':
      return { kind, logTime, finding: balanceFinding(sourceName(random, rules)) };
    case 'tick':
      return { kind, logTime };
    case 'command':
      return (
        commands?.next(rules) ?? { kind, logTime, command: { kind: 'raw', json: '{"command":"reopen"}' } }
      );
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
