import { RECORD_KINDS, RECORD_STATUSES, localDayOf } from '../domain/index.ts';
import type { MoneyRecord, RuleSet } from '../domain/index.ts';
import { Random } from './random.ts';
import type { TraceCommand } from './trace-commands.ts';
import { traceOf, type Trace } from './trace.ts';
import type { TraceStep } from './trace-step.ts';

const LONG = `ORD-17 1001/1002 ${'a'.repeat(20_000)}`;
/** Few, so that records meet. */
const TEXTS: readonly string[] = ['R-1', 'R-1', 'r-2 ', 'ORD-17', 'ORD-17', '1001/1002', '1001', ''];
const AMOUNTS: readonly bigint[] = [1000n, 1000n, 1000n, 2000n, 995n, -1000n, -1000n, 5n, 0n];
const HUGE = BigInt(Number.MAX_SAFE_INTEGER);
const DAY = 86_400_000;
/** How far log time goes between two messages, milliseconds. */
const PACES: readonly number[] = [0, 1000, 60_000, 3_600_000, DAY, 3 * DAY];
/** Then everything is past its window and gone. */
const ENDS: readonly number[] = [10 * DAY, 100 * DAY, 1000 * DAY];

/** What a rule set speaks of, so that records have it. */
interface Vocabulary {
  readonly sources: readonly string[];
  readonly currencies: readonly string[];
  /** Names of references and of attributes. */
  readonly references: readonly string[];
  readonly attributes: readonly string[];
}

/**
 * A small log of records that rules, whatever they are, have something to say about: of their sources and currencies,
 * with the fields that they name, and with texts and amounts that are often equal.
 */
export function ruleFileTrace(rules: RuleSet, seed: number, records: number): Trace {
  const random = new Random(seed);
  const words = vocabularyOf(rules);
  let logTime = random.pick([0, 20_000 * DAY]);
  const steps: TraceStep[] = [{ kind: 'rules', logTime, rules }];
  for (let made = 0; made < records;) {
    logTime += random.pick(PACES);
    if (random.chance(0.15)) steps.push({ kind: 'tick', logTime });
    else if (random.chance(0.1))
      steps.push({ kind: 'progress', logTime, source: random.pick(words.sources), time: logTime });
    // Only where there is one to publish for: of other rules the same seed makes the same log.
    const tables = rules.publishedTables ?? [];
    if (tables.length > 0 && random.chance(0.3))
      steps.push({ kind: 'command', logTime, command: ratesOf(random, rules, random.pick(tables), made) });
    const count = random.integer(1, 6);
    const frame = Array.from({ length: count }, (_, i) => recordOf(random, words, made + i, logTime));
    steps.push({ kind: 'records', logTime, records: frame });
    made += count;
  }
  for (const end of ENDS) steps.push({ kind: 'tick', logTime: logTime + end });
  return traceOf(seed, steps);
}

/** A command that publishes a rate of each pair of currencies that the rules ask a table for. */
function ratesOf(random: Random, { reconciliations }: RuleSet, table: string, made: number): TraceCommand {
  const asked = reconciliations
    .flatMap((each) => each.rules.flatMap(({ fx }) => fx ?? []))
    .filter(({ rate }) => 'table' in rate && rate.table === table);
  const date = random.pick(['1970-01-01', '1970-01-03', '2024-10-04', '2024-10-06']);
  const rates = asked.map(({ from, to }) => ({
    from,
    to,
    date,
    rate: random.pick(['1', '1', '3.6725', '0.5']),
  }));
  return { kind: 'rates', id: `p${made}`, by: 'job', why: 'published', table, rates };
}

function vocabularyOf(rules: RuleSet): Vocabulary {
  const texts = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string') texts.add(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(rules.reconciliations);
  visit(rules.feeContracts);
  const named = (start: string): string[] =>
    [...texts].filter((text) => text.startsWith(start)).map((text) => text.slice(start.length));
  const fx = rules.reconciliations.flatMap((each) => each.rules.flatMap((rule) => rule.fx ?? []));
  return {
    sources: [...rules.sources.map(({ name }) => name), 'stranger'].slice(0, 8),
    currencies: ['AED', 'AED', 'USD', ...fx.flatMap(({ from, to }) => [from, to])],
    references: ['reference', ...named('references.')].slice(0, 6),
    attributes: ['narrative', 'scheme', 'rate', ...named('attributes.')].slice(0, 6),
  };
}

function recordOf(random: Random, words: Vocabulary, made: number, logTime: number): MoneyRecord {
  const time = logTime + random.pick([0, 0, -60_000, -3_600_000, -DAY, 60_000]);
  const huge = random.chance(0.01);
  const amount = huge ? HUGE : random.pick(AMOUNTS);
  const day = localDayOf(time, 240);
  const dates = ['bookingDate', 'valueDate', 'availableOn'].filter(() => random.chance(0.6));
  const texts = (names: readonly string[]): { [name: string]: string } =>
    Object.fromEntries(names.filter(() => random.chance(0.8)).map((name) => [name, textOf(random, name)]));
  return {
    source: random.pick(words.sources),
    id: `r${random.chance(0.1) ? random.integer(0, made) : made}`,
    account: random.chance(0.9) ? 'default' : 'other',
    kind: random.chance(0.6) ? 'charge' : random.pick(RECORD_KINDS),
    status: random.chance(0.8) ? 'booked' : random.pick(RECORD_STATUSES),
    currency: random.pick(words.currencies),
    amount,
    fee: huge || random.chance(0.6) ? 0n : random.pick([30n, 5n]),
    tax: huge || random.chance(0.8) ? 0n : 1n,
    time,
    precision: random.chance(0.85) ? 'instant' : 'day',
    offsetMinutes: 240,
    ...Object.fromEntries(dates.map((name) => [name, day + random.pick([0, 0, 1, -1, 3])])),
    references: texts(words.references),
    attributes: texts(words.attributes),
    ...(random.chance(0.2) ? { version: random.integer(1, 3) } : {}),
    ...(random.chance(0.15) ? { link: `r${random.integer(0, made)}` } : {}),
    ...(random.chance(0.1) ? { groupCount: random.integer(1, 3) } : {}),
    ...(random.chance(0.1) ? { groupTotal: random.pick(AMOUNTS) } : {}),
    ...(random.chance(0.2)
      ? { original: { amount: random.pick(AMOUNTS), currency: random.pick(words.currencies) } }
      : {}),
  };
}

function textOf(random: Random, name: string): string {
  if (name === 'rate') return random.pick(['3.67', '3.6725', '0', 'x']);
  if (name === 'scheme') return random.pick(['amex', 'visa']);
  return random.chance(0.02) ? LONG : random.pick(TEXTS);
}
