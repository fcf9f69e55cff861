import { readRecord } from '../codec/index.ts';
import type { Break, LogMessage, Match, MoneyRecord, Rule, RuleSet, Side } from '../domain/index.ts';
import { ofType, type Result } from './results.ts';

/** What a summary says of one side of a reconciliation in one currency; what is still in its window apart. */
export interface SideStanding {
  matched: number;
  matchedAmount: number;
  broken: number;
  brokenAmount: number;
}

/** A record in one lane, and what matches have taken of it. */
interface Standing {
  readonly record: MoneyRecord;
  readonly reconciliation: string;
  readonly side: Side;
  /** By identifier of the match. */
  readonly allocated: Map<string, number>;
  /** What the rule compares of it, if one matched it in part; else undefined. */
  value: number | undefined;
  isMatched: boolean;
  isBroken: boolean;
}

/**
 * What the results of a log say of each side, by `reconciliation side currency`: of matches and breaks as their latest
 * versions are. A record that is matched in part counts as open with what is left over, and as matched with the rest.
 *
 * @param eachRecordApart whether each record is a message of its own: the mode of the file command
 */
export function sidesOfResults(
  messages: readonly LogMessage[],
  results: readonly Result[],
  rules: RuleSet,
  eachRecordApart: boolean,
): Map<string, SideStanding> {
  const records = recordsOf(messages, eachRecordApart);
  const standings = new Map<string, Standing>();
  const standing = (reconciliation: string, { side, sequence, ordinal }: Placed): Standing => {
    const name = `${reconciliation} ${side} ${sequence}-${ordinal}`;
    const known = standings.get(name);
    if (known !== undefined) return known;
    const made: Standing = {
      record: records.get(`${sequence}-${ordinal}`)!,
      reconciliation,
      side,
      allocated: new Map(),
      value: undefined,
      isMatched: false,
      isBroken: false,
    };
    standings.set(name, made);
    return made;
  };
  for (const match of latestMatches(results)) {
    const rule = ruleOf(rules, match);
    for (const leg of match.legs) {
      const each = standing(match.reconciliation, leg);
      if (rule?.partial === true) {
        each.value = valueOf(rule, leg.side, each.record);
        each.allocated.set(`${match.matchSequence}-${match.matchN}`, leg.allocated);
      } else {
        each.isMatched = true;
      }
    }
  }
  for (const broken of latestBreaks(results)) {
    if (broken.state !== 'open') continue;
    for (const member of broken.members) standing(broken.reconciliation, member).isBroken = true;
  }
  return sumsOf([...standings.values()]);
}

type Placed = { readonly side: Side; readonly sequence: number; readonly ordinal: number };

function sumsOf(standings: readonly Standing[]): Map<string, SideStanding> {
  const sums = new Map<string, ExactSums>();
  for (const { record, reconciliation, side, allocated, value, isMatched, isBroken } of standings) {
    const name = `${reconciliation} ${side} ${record.currency}`;
    const sum = sums.get(name) ?? { matched: 0, matchedAmount: 0n, broken: 0, brokenAmount: 0n };
    sums.set(name, sum);
    const taken = [...allocated.values()].reduce((total, part) => total + BigInt(part), 0n);
    const rest = value === undefined ? record.amount : BigInt(value) - taken;
    const isDone = isMatched || (value !== undefined && rest === 0n);
    if (isDone) sum.matched += 1;
    if (isDone || value !== undefined) sum.matchedAmount += isDone ? record.amount : record.amount - rest;
    if (!isBroken || isDone) continue;
    sum.broken += 1;
    sum.brokenAmount += rest;
  }
  const shown = [...sums].map(([name, { matched, matchedAmount, broken, brokenAmount }]) => {
    const amounts = { matchedAmount: held(matchedAmount), brokenAmount: held(brokenAmount) };
    return [name, { matched, broken, ...amounts }] as const;
  });
  return new Map(shown);
}

interface ExactSums {
  matched: number;
  matchedAmount: bigint;
  broken: number;
  brokenAmount: bigint;
}

/** Beyond ±(2^53 − 1) a sum stays there. */
function held(exact: bigint): number {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(exact > most ? most : exact < -most ? -most : exact);
}

function recordsOf(messages: readonly LogMessage[], eachRecordApart: boolean): Map<string, MoneyRecord> {
  const records = new Map<string, MoneyRecord>();
  for (const { sequence, frame } of messages) {
    if (frame.kind !== 'records') continue;
    for (let row = 0; row < frame.count; row++) {
      const place = eachRecordApart ? `${sequence + row}-0` : `${sequence}-${row}`;
      records.set(place, readRecord(frame, row));
    }
  }
  return records;
}

function latestMatches(results: readonly Result[]): Match[] {
  const latest = new Map<string, Match>();
  for (const match of ofType(results, 'match')) latest.set(`${match.matchSequence}-${match.matchN}`, match);
  return [...latest.values()];
}

function latestBreaks(results: readonly Result[]): Break[] {
  const latest = new Map<string, Break>();
  for (const each of ofType(results, 'break')) latest.set(`${each.breakSequence}-${each.breakN}`, each);
  return [...latest.values()];
}

function ruleOf(rules: RuleSet, match: Match): Rule | undefined {
  const reconciliation = rules.reconciliations.find(({ name }) => name === match.reconciliation);
  return reconciliation?.rules.find(({ name }) => name === match.rule);
}

function valueOf(rule: Rule, side: Side, { amount, fee, tax }: MoneyRecord): number {
  return held(rule.compare?.[side] === 'net' ? amount - fee - tax : amount);
}
