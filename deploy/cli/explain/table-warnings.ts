import type { Config } from '../../../engine/config/index.ts';
import type { FeeContract } from '../../../engine/domain/index.ts';
import { DEFAULT_CALENDARS, expressionOf } from '../../../engine/domain/index.ts';
import type { Warning } from './warnings.ts';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Calendars, contracts and rates that nobody names, or that say less than they should. */
export function* tableWarnings(config: Config): Generator<Warning> {
  const used = calendarsNamed(config);
  for (const name of used) {
    if (Object.hasOwn(config.calendars, name) || !Object.hasOwn(DEFAULT_CALENDARS, name)) continue;
    yield {
      about: `calendar "${name}"`,
      message: `is the built-in one: weekends only, no holidays; confirm it with the bank and define it under calendars`,
    };
  }
  yield* unused('calendar', Object.keys(config.calendars), used);
  const sides = config.reconciliations.flatMap((each) => [each.left, each.right]);
  yield* unused('fee contract', Object.keys(config.feeContracts), new Set(sides.map((side) => side.fees)));
  const rules = config.reconciliations.flatMap((each) => each.rules);
  const tables = rules.flatMap(({ fx }) => (fx !== undefined && 'table' in fx.rate ? [fx.rate.table] : []));
  yield* unused('table of rates', Object.keys(config.rates), new Set(tables));
  for (const [name, { url }] of Object.entries(config.ratesSources)) {
    if (url === undefined || !url.startsWith('http:') || LOOPBACK.test(new URL(url).hostname)) continue;
    const about = `table of rates "${name}"`;
    yield {
      about,
      message: 'its source is not encrypted: headers can be read on their way, and rates changed',
    };
  }
  for (const [name, contract] of Object.entries(config.feeContracts)) {
    yield* lineWarnings(name, contract);
  }
}

function* unused(what: string, names: readonly string[], used: ReadonlySet<unknown>): Generator<Warning> {
  for (const name of names) {
    if (!used.has(name)) yield { about: `${what} "${name}"`, message: 'is named by nothing' };
  }
}

/** A line after one that takes every charge prices only the kinds that it names; tiers that end leave the rest free. */
function* lineWarnings(name: string, { lines }: FeeContract): Generator<Warning> {
  for (const [i, { tiers, percent, fixed, min }] of lines.entries()) {
    const end = tiers?.at(-1)?.upTo;
    if (end === undefined || percent !== undefined || fixed !== undefined) continue;
    yield {
      about: `fee contract "${name}"`,
      message: `no tier of line ${i + 1} is for more than ${end}: a larger charge is expected to cost ${min ?? 'nothing'}; give the last tier no upTo`,
    };
  }
  const taker = lines.findIndex(({ where }) => where === undefined || where.length === 0);
  for (const [i, { where }] of lines.entries()) {
    if (taker < 0 || i <= taker || where?.some(({ field }) => field === 'kind') === true) continue;
    yield {
      about: `fee contract "${name}"`,
      message: `line ${i + 1} is never reached: line ${taker + 1} has no where and prices every charge`,
    };
  }
}

function calendarsNamed(config: Config): Set<string> {
  const named = new Set<string>();
  const add = (names: readonly string[]): void => names.forEach((name) => named.add(name));
  for (const { due } of config.sources) add(due?.calendar ?? []);
  for (const rule of config.reconciliations.flatMap((each) => each.rules)) {
    for (const { calendar } of rule.dates ?? []) add(calendar);
    for (const key of rule.keys) {
      for (const side of ['left', 'right'] as const) {
        const expression = expressionOf(key, side);
        if (typeof expression === 'object' && 'settleDate' in expression) add(expression.settleDate.calendar);
      }
    }
  }
  return named;
}
