import type { BenchFigure } from '../figures.ts';
import { measureApplyTimes } from './apply-time.bench.ts';
import { framesByTime } from './bench-record.ts';
import { compareWithPeer } from './compare.ts';
import { measureOpenRates } from './open-rate.bench.ts';
import { RULE_CASES, type RuleCase } from './rule-cases.ts';

/**
 * The kernel against matchers of Maps and objects on traces of other rules than one-to-one; how long one frame takes
 * with each of them; and whether the rate depends on how many records are open.
 * @throws Error when the two do not give the same results
 */
export async function runRulesBench({ quick }: { quick: boolean }): Promise<BenchFigure[]> {
  const records = quick ? 20_000 : 600_000;
  return [
    ...RULE_CASES.flatMap((each) => compare(each, records)),
    ...measureApplyTimes(quick ? 10_000 : 300_000),
    ...(await measureOpenRates(quick ? 20_000 : 1_000_000, quick ? 60_000 : 10_000_000)),
  ];
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
