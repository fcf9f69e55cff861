import {
  formatDay,
  localDayOf,
  type Calendar,
  type FeeContract,
  type FeeLine,
  type Filter,
  type Rates,
} from '../domain/index.ts';
import type { Random } from './random.ts';

/** A Friday evening, so that a weekend comes soon. */
export const TRACE_START: number = Date.UTC(2026, 10, 20, 22);

const FIRST_DAY = localDayOf(TRACE_START, 0);

/** Names that a rule set of a random trace may use. */
export const CALENDAR_NAMES = ['AE-rails', 'SA', 'bank', 'office'] as const;
export const CONTRACT_NAMES = ['acquirer', 'wallet'] as const;
export const RATE_TABLE = 'daily';

/** Calendars with holidays within the days that a trace goes through. */
export function randomCalendars(random: Random): { [name: string]: Calendar } {
  const calendar = (): Calendar => ({
    closed: random.pick([[], ['sunday'], ['saturday', 'sunday'], ['friday', 'saturday']] as const).slice(),
    holidays: Array.from({ length: random.integer(0, 2) }, () =>
      formatDay(FIRST_DAY + random.integer(-1, 9)),
    ),
  });
  return { bank: calendar(), office: calendar() };
}

export function randomContracts(random: Random): { [name: string]: FeeContract } {
  return Object.fromEntries(CONTRACT_NAMES.map((name) => [name, randomContract(random)]));
}

function randomContract(random: Random): FeeContract {
  return {
    lines: Array.from({ length: random.integer(1, 3) }, () => randomLine(random)),
    ...(random.chance(0.5) ? { tax: random.pick(['5', '15', '0.5']) } : {}),
    round: random.pick(['perRecord', 'perGroup']),
    refundReturnsFee: random.pick(['none', 'proportional', 'full']),
  };
}

/** Which records a line of a contract prices. */
const LINE_FILTERS: readonly Filter[] = [
  [{ field: 'attributes.scheme', in: ['visa'] }],
  [{ field: 'kind', in: ['charge', 'refund'] }],
  [{ field: 'kind', in: ['chargeback', 'bank', 'ledger'] }],
  [{ field: 'amount', gt: '1.00' }],
];

function randomLine(random: Random): FeeLine {
  return {
    ...(random.chance(0.5) ? { where: random.pick(LINE_FILTERS) } : {}),
    ...(random.chance(0.8) ? { percent: random.pick(['2.25', '1.5', '0.333333333', '10', '50']) } : {}),
    ...(random.chance(0.3) ? { fixed: random.pick(['0.01', '1', '0.005', '0.30']) } : {}),
    ...(random.chance(0.2) ? { min: random.pick(['0.02', '0.025', '1']) } : {}),
    ...(random.chance(0.2) ? { max: random.pick(['0.05', '1.005', '2']) } : {}),
    ...(random.chance(0.25)
      ? {
          tiers: [
            { upTo: random.pick(['1', '0.505', '1.50']), percent: '1' },
            { upTo: '50', ...(random.chance(0.5) ? { fixed: '0.10' } : {}) },
            ...(random.chance(0.5) ? [{ percent: '0.75' }] : []),
          ],
        }
      : {}),
  };
}

/** Published rates of a few days, with gaps; now and then two of one date, or none of a pair at all. */
export function randomRates(random: Random): { [table: string]: Rates } {
  const rates: Rates[number][] = [];
  for (const [from, to, rate] of [
    ['USD', 'AED', '3.6725'],
    ['AED', 'JPY', '40.123456'],
    ['KWD', 'USD', '3.25'],
  ] as const) {
    if (random.chance(0.1)) continue;
    for (let day = FIRST_DAY - 6; day < FIRST_DAY + 12; day++) {
      if (random.chance(0.5)) continue;
      rates.push({
        from,
        to,
        date: formatDay(day),
        rate: random.chance(0.5) ? rate : `${rate}${random.integer(1, 9)}`,
      });
    }
  }
  return { [RATE_TABLE]: rates };
}
