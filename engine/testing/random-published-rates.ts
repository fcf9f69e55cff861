import type { RuleSet } from '../domain/index.ts';
import type { Random } from './random.ts';
import { RATE_TABLE, randomRates } from './random-tables.ts';
import type { TraceCommand } from './trace-commands.ts';

/** Rules of which the table of rates, most of the time, has a source; what it has without it is often nothing. */
export function withRatesSource(random: Random, rules: RuleSet): RuleSet {
  if (random.chance(0.15)) return rules;
  return {
    ...rules,
    ...(random.chance(0.7) ? { rates: { [RATE_TABLE]: [] } } : {}),
    publishedTables: [RATE_TABLE],
  };
}

/** Rules whose table of rates has a source where it had none, or the other way round. */
export function withoutRatesSource({ publishedTables, ...rules }: RuleSet): RuleSet {
  return publishedTables === undefined ? { ...rules, publishedTables: [RATE_TABLE] } : rules;
}

/** Makes commands that publish rates: many at once, or one; now and then the same again, or of a table that nobody asks. */
export class RandomPublishedRates {
  readonly #random: Random;
  #made = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): TraceCommand {
    const random = this.#random;
    // At par the sums of groups agree often: of other rates mostly pairs come close enough.
    const atPar = random.chance(0.5);
    const all = Object.values(randomRates(random))
      .flat()
      .map((each) => (atPar ? { ...each, rate: '1' } : each));
    const rates = random.chance(0.5) ? all : all.filter(() => random.chance(0.1));
    if (!random.chance(0.03)) this.#made += 1;
    return {
      kind: 'rates',
      id: `r${this.#made}`,
      by: 'job',
      why: 'published',
      table: random.chance(0.05) ? 'monthly' : RATE_TABLE,
      rates,
    };
  }
}
