import type { BenchFigure } from '../figures.ts';
import { APPLY_CASES, measureApplyTimes } from './apply-time.bench.ts';
import { framesByTime } from './bench-record.ts';
import { compareWithPeer } from './compare.ts';
import { MASS_CASES, measureMassExpiry } from './mass-expiry.bench.ts';
import { measureOpenRates } from './open-rate.bench.ts';
import { RULE_CASES, type RuleCase } from './rule-cases.ts';

/** Sizes in records. */
interface Sizes {
  /** Of the traces on which matchers are compared. */
  readonly compared: number;
  /** Of the traces whose frames are timed. */
  readonly timed: number;
  /** Open when all are due at once. */
  readonly due: number;
  readonly fewOpen: number;
  readonly manyOpen: number;
}

const WHOLE: Sizes = {
  compared: 300_000,
  timed: 200_000,
  due: 1_000_000,
  fewOpen: 1_000_000,
  manyOpen: 10_000_000,
};
const QUICK: Sizes = {
  compared: 20_000,
  timed: 10_000,
  due: 20_000,
  fewOpen: 20_000,
  manyOpen: 60_000,
};

/**
 * The kernel against matchers of Maps and objects on traces of other rules than one-to-one; how long one frame takes
 * with each of them, and when all that is open is due at once; and whether the rate depends on how many records are open.
 * Takes some three minutes.
 * @throws Error when the two do not give the same results
 */
export async function runRulesBench({ quick }: { quick: boolean }): Promise<BenchFigure[]> {
  const sizes = quick ? QUICK : WHOLE;
  const figures: BenchFigure[] = [];
  for (const each of RULE_CASES) {
    say(`against Maps: ${each.name}`);
    figures.push(...compare(each, sizes.compared));
  }
  for (const each of APPLY_CASES) {
    say(`one frame: ${each.name}`);
    figures.push(...measureApplyTimes(each, sizes.timed));
  }
  for (const each of MASS_CASES) {
    say(`one frame, mass expiry: ${each.name}`);
    figures.push(...measureMassExpiry(each, sizes.due));
  }
  say('rate with many open');
  figures.push(...(await measureOpenRates(sizes.fewOpen, sizes.manyOpen)));
  return figures;
}

/** Where it is, on standard error: the figures come at the end. */
function say(what: string): void {
  console.error(`  ${what} …`);
}

function compare({ name, rules, records }: RuleCase, count: number): BenchFigure[] {
  const { kernelRate, peerRate } = compareWithPeer(name, rules, framesByTime(records(count, 1)));
  return [
    { name: `rules, ${name}: kernel`, value: Math.round(kernelRate), unit: 'records/s' },
    { name: `rules, ${name}: Map matcher, same results`, value: Math.round(peerRate), unit: 'records/s' },
    {
      name: `rules, ${name}: times the Map matcher`,
      value: Math.round((kernelRate / peerRate) * 100) / 100,
      unit: '×',
    },
  ];
}
