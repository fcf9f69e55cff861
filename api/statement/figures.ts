import { MATCH_CAUSES, exponentOf, formatMinor } from '../../engine/domain/index.ts';
import type { MatchCause, StatementSide, StatementSums, Side } from '../../engine/domain/index.ts';

/** One currency of a set of reconciliations at a moment, in whole minor units. */
export interface Figures {
  readonly left: Counted;
  readonly right: Counted;
  readonly matches: number;
  readonly causes: { readonly [cause in MatchCause]: bigint };
  readonly writtenOffLeft: Counted;
  readonly writtenOffRight: Counted;
  /** Left legs that rules have converted into another currency. */
  readonly convertedOut: bigint;
  /** What rules have converted left legs of another currency into. */
  readonly convertedIn: bigint;
  /** Σleft − Σright of what rules match by a fee or an original amount, whose differences are not of amounts. */
  readonly otherwise: bigint;
  /** All that is open: what is in breaks, and what may still match before it is due. */
  readonly openLeft: Counted;
  readonly openRight: Counted;
  /** What of it is in breaks. */
  readonly brokenLeft: Counted;
  readonly brokenRight: Counted;
}

export interface Counted {
  readonly records: number;
  readonly amount: bigint;
}

const NOTHING: Counted = { records: 0, amount: 0n };

/** The figures of each currency that a set's sums speak of. */
export function figuresOf(sums: StatementSums): Map<string, Figures> {
  const currencies = new Set([
    ...sums.sides.map(({ currency }) => currency),
    ...sums.matches.flatMap(({ currency, leftCurrency }) => [currency, leftCurrency ?? currency]),
  ]);
  return new Map([...currencies].sort().map((currency) => [currency, figuresIn(sums, currency)]));
}

function figuresIn(sums: StatementSums, currency: string): Figures {
  const side = (which: Side): StatementSide | undefined =>
    sums.sides.find((each) => each.side === which && each.currency === currency);
  const counted = (
    which: Side,
    records: 'records' | 'open' | 'broken' | 'writtenOff',
    amount: 'amount' | 'openAmount' | 'brokenAmount' | 'writtenOffAmount',
  ): Counted => {
    const found = side(which);
    return found === undefined ? NOTHING : { records: found[records], amount: found[amount] };
  };
  const matches = sums.matches.filter((each) => each.currency === currency);
  const converted = matches.filter(({ leftCurrency }) => leftCurrency !== undefined);
  const ofCause = (cause: MatchCause): bigint => sum(matches, ({ causes }) => causes[cause] ?? 0n);
  // What a partial rule of net amounts leaves aside of its records is fee and tax.
  const aside = (cost: 'fee' | 'tax'): bigint => (side('left')?.[cost] ?? 0n) - (side('right')?.[cost] ?? 0n);
  return {
    left: counted('left', 'records', 'amount'),
    right: counted('right', 'records', 'amount'),
    matches: matches.reduce((total, each) => total + each.matches, 0),
    causes: {
      fee: ofCause('fee') + aside('fee'),
      tax: ofCause('tax') + aside('tax'),
      fx: ofCause('fx'),
      tolerance: ofCause('tolerance'),
      adjustment: ofCause('adjustment'),
    },
    writtenOffLeft: counted('left', 'writtenOff', 'writtenOffAmount'),
    writtenOffRight: counted('right', 'writtenOff', 'writtenOffAmount'),
    convertedOut: sum(
      sums.matches.filter(({ leftCurrency }) => leftCurrency === currency),
      ({ left }) => left,
    ),
    convertedIn: sum(converted, ({ right, causes }) => right + sum(Object.values(causes), (minor) => minor)),
    otherwise: (side('left')?.otherwise ?? 0n) - (side('right')?.otherwise ?? 0n),
    openLeft: counted('left', 'open', 'openAmount'),
    openRight: counted('right', 'open', 'openAmount'),
    brokenLeft: counted('left', 'broken', 'brokenAmount'),
    brokenRight: counted('right', 'broken', 'brokenAmount'),
  };
}

/** What is left of Σleft − Σright when everything that is known of it is taken away: 0 where the books are whole. */
function residualOf(figures: Figures): bigint {
  return (
    figures.left.amount -
    figures.right.amount -
    sum(MATCH_CAUSES, (cause) => figures.causes[cause]) -
    (figures.writtenOffLeft.amount - figures.writtenOffRight.amount) -
    (figures.convertedOut - figures.convertedIn) -
    figures.otherwise -
    (figures.openLeft.amount - figures.openRight.amount)
  );
}

/** Nothing yet. */
export const NO_FIGURES: Figures = figuresIn({ sides: [], matches: [], oddities: [] }, '');

/** The figures as the API shows them: counts, and decimals in major units. */
export interface FiguresView {
  readonly left: CountedView;
  readonly right: CountedView;
  readonly difference: string;
  readonly matches: number;
  readonly causes: { readonly [cause in MatchCause]: string };
  readonly writtenOff: { readonly left: CountedView; readonly right: CountedView };
  readonly converted: { readonly out: string; readonly in: string };
  readonly otherwise: string;
  readonly open: { readonly left: CountedView; readonly right: CountedView };
  /** What of it is not due yet, and what is in breaks: together they are what is open. */
  readonly pending: { readonly left: CountedView; readonly right: CountedView };
  readonly broken: { readonly left: CountedView; readonly right: CountedView };
  readonly residual: string;
}

export interface CountedView {
  readonly records: number;
  readonly amount: string;
}

export function figuresView(figures: Figures, currency: string): FiguresView {
  const money = (minor: bigint): string => formatMinor(minor, exponentOf(currency));
  const counted = ({ records, amount }: Counted): CountedView => ({ records, amount: money(amount) });
  const { left, right, causes, openLeft, openRight, brokenLeft, brokenRight } = figures;
  return {
    left: counted(left),
    right: counted(right),
    difference: money(left.amount - right.amount),
    matches: figures.matches,
    causes: {
      fee: money(causes.fee),
      tax: money(causes.tax),
      fx: money(causes.fx),
      tolerance: money(causes.tolerance),
      adjustment: money(causes.adjustment),
    },
    writtenOff: { left: counted(figures.writtenOffLeft), right: counted(figures.writtenOffRight) },
    converted: { out: money(figures.convertedOut), in: money(figures.convertedIn) },
    otherwise: money(figures.otherwise),
    open: { left: counted(openLeft), right: counted(openRight) },
    pending: {
      left: counted(without(openLeft, brokenLeft)),
      right: counted(without(openRight, brokenRight)),
    },
    broken: { left: counted(brokenLeft), right: counted(brokenRight) },
    residual: money(residualOf(figures)),
  };
}

function without(all: Counted, some: Counted): Counted {
  return { records: all.records - some.records, amount: all.amount - some.amount };
}

function sum<T>(items: readonly T[], of: (item: T) => bigint): bigint {
  return items.reduce((total, item) => total + of(item), 0n);
}
