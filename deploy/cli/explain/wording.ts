import type {
  Condition,
  DateCondition,
  Exchange,
  FeeContract,
  FeeLine,
  Filter,
  RatesSource,
  Reconciliation,
  Rule,
  SourceDue,
} from '../../../engine/domain/index.ts';
import { expressionOf } from '../../../engine/domain/index.ts';
import { durationText, fieldText, spanText, timeText } from '../../../engine/rules/index.ts';

/** A filter as conditions that a person reads: `kind charge or refund`, `amount > 0`. */
export function filterWords(filter: Filter | undefined): string[] {
  return (filter ?? []).flatMap((condition) => conditionWords(condition));
}

function conditionWords(condition: Condition): string[] {
  const name = condition.field === 'source' ? 'source' : fieldText(condition.field);
  const words: string[] = [];
  if (condition.exists !== undefined) words.push(`${name} ${condition.exists ? 'present' : 'absent'}`);
  if (condition.in !== undefined) words.push(`${name} ${condition.in.join(' or ')}`);
  if (condition.notIn !== undefined) words.push(`${name} not ${condition.notIn.join(' nor ')}`);
  if (condition.gt !== undefined) words.push(`${name} > ${condition.gt}`);
  if (condition.gte !== undefined) words.push(`${name} ≥ ${condition.gte}`);
  if (condition.lt !== undefined) words.push(`${name} < ${condition.lt}`);
  if (condition.lte !== undefined) words.push(`${name} ≤ ${condition.lte}`);
  return words;
}

/** `left − 1h to left + 3d, then 30m grace; broken records stay matchable for 30d`. */
export function windowWords({ window, retain }: Reconciliation): string {
  const grace = window.grace === 0 ? 'no grace' : `${durationText(window.grace)} of grace`;
  return `right from ${durationText(window.before)} before left to ${durationText(window.after)} after; ${grace}; what broke stays matchable for ${durationText(retain)}`;
}

export function dateWords({ left, right, before, after, calendar }: DateCondition): string {
  const days = calendar.length === 0 ? '' : `, open days of ${calendar.join(' and ')}`;
  return `right ${right} from ${spanText(before)} before to ${spanText(after)} after left ${left}${days}`;
}

export function exchangeWords(fx: Exchange): string {
  const rate =
    'table' in fx.rate
      ? `the rate of table "${fx.rate.table}" for its first record's day, at most ${durationText(fx.maxAge)} old`
      : `the rate in ${fieldText(fx.rate.field)} of the ${fx.rate.side} side's first record`;
  return `left sum from ${fx.from} to ${fx.to} once, at ${rate}; no rate, no match`;
}

/** Where more rates of a table come from, and how. @param name what the source may be called */
export function ratesSourceWords(source: RatesSource, name: string): string {
  const { columns, every, format, from, layout, to } = source;
  const at = source.items === undefined ? '' : ` in ${source.items}`;
  const rows =
    layout === 'wide'
      ? `a column a currency${columns.rate === undefined ? '' : ` in ${columns.rate}`}, ${from === undefined ? `each in ${to!}` : `${from} in each`}, date in ${columns.date}`
      : `a row a rate: date in ${columns.date}, from ${from ?? `in ${columns.from}`}, to ${to ?? `in ${columns.to}`}, rate in ${columns.rate!}`;
  return `published while running: ${name} every ${durationText(every)}, ${format.toUpperCase()}${at}, ${rows}`;
}

/** What a contract charges, one entry per line, then what holds for all of them. */
export function contractWords(contract: FeeContract): string[] {
  const lines = contract.lines.map((line) => {
    const where = filterWords(line.where);
    return `${where.length === 0 ? 'any charge' : where.join(', ')}: ${priceWords(line)}`;
  });
  const tax = contract.tax === undefined ? 'no tax' : `${contract.tax} % tax on the rounded fee`;
  const rounded = contract.round === 'perGroup' ? 'rounded once per group' : 'rounded per record';
  const refunds = { none: 'nothing', proportional: 'the percentage', full: 'all of it' }[
    contract.refundReturnsFee
  ];
  return [...lines, `${tax}; ${rounded}; a refund returns ${refunds}`];
}

function priceWords(line: FeeLine): string {
  const tiers = (line.tiers ?? []).map((tier) => {
    const parts = partsWords({ percent: tier.percent ?? line.percent, fixed: tier.fixed ?? line.fixed });
    return `${parts} ${tier.upTo === undefined ? 'above' : `up to ${tier.upTo}`}`;
  });
  const bounds = [
    line.min === undefined ? '' : `at least ${line.min}`,
    line.max === undefined ? '' : `at most ${line.max}`,
  ];
  return [tiers.length === 0 ? partsWords(line) : tiers.join(', '), ...bounds]
    .filter((each) => each !== '')
    .join(', ');
}

function partsWords({ percent, fixed }: Pick<FeeLine, 'percent' | 'fixed'>): string {
  const parts = [percent === undefined ? '' : `${percent} %`, fixed ?? ''].filter((each) => each !== '');
  return parts.length === 0 ? 'free' : parts.join(' + ');
}

export function dueWords({ everyDays, by, zone, calendar, maxHold }: SourceDue): string {
  const days = everyDays === 1 ? 'every' : `every ${everyDays}th`;
  const open = calendar.length === 0 ? 'day' : `open day of ${calendar.join(' and ')}`;
  return `due ${days} ${open} by ${timeText(by)} ${zone}; overdue it holds time back for ${durationText(maxHold)}`;
}

/** `, 23:00 Asia/Dubai,`: the cut-off that closes a day, of the first settlement date in the key. */
function cutoffWords({ keys }: Rule): string {
  for (const key of keys) {
    for (const side of ['left', 'right'] as const) {
      const expression = expressionOf(key, side);
      if (typeof expression !== 'object' || !('settleDate' in expression)) continue;
      const { cutoff, zone } = expression.settleDate;
      return `, ${timeText(cutoff)} ${zone},`;
    }
  }
  return '';
}

/** When a rule is tried and what makes a match whole. */
export function triedWords(rule: Rule): string {
  const cardinality = rule.cardinality ?? '1:1';
  if (cardinality === 'contra') return "at the end of a record's window, after all rules of two sides";
  if (cardinality === '1:1') {
    if (rule.hold === undefined) return 'as each record arrives';
    const unique = rule.unique === true ? ', only where each has exactly the other as candidate' : '';
    return `${durationText(rule.hold)} after the record's anchor${unique}`;
  }
  if (rule.partial === true) return 'as each record arrives: what fits is matched, the rest stays open';
  switch (rule.complete ?? 'onWindowEnd') {
    case 'onSum':
      return 'as each record arrives: complete as soon as the sums agree';
    case 'onSignal':
      return 'complete once groupCount and groupTotal are reached; with neither, when the last member is due';
    case 'onCutoff':
      return `complete once the watermark is past the cut-off${cutoffWords(rule)} and grace; at the latest when the last member is due`;
    case 'onWindowEnd':
      return 'complete when the last member is due: end of window and grace';
  }
}

/** What a record that the rule leaves open looks like as a break. */
export function breakWords(rule: Rule, isFirst: boolean): string {
  switch (rule.cardinality ?? '1:1') {
    case 'contra':
      return 'none of its own';
    case '1:1': {
      const ambiguous = rule.unique === true ? 'ambiguous with the candidates; ' : '';
      return isFirst
        ? `${ambiguous}amount with the nearest record of its key; else unmatched, naming up to 5 near ones`
        : `${ambiguous}unmatched, naming up to 5 near ones where no earlier rule has any`;
    }
    default:
      if (rule.partial === true) return 'what is left over: unmatched, amount (one of each side) or group';
      return `one for the group: amount where the sums differ, else group; ${rule.complete === 'onSignal' ? 'at once where the signal is reached and sums differ; ' : ''}lateMember after its match`;
  }
}
