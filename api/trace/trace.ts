import type { BreakView, MatchView, RecordView, ResultQueries } from '../../engine/domain/index.ts';
import { chainsOf, type LinkChain } from './chains.ts';
import { inBank, type BankAnswer } from './in-bank.ts';

/** How far a trace goes. */
export interface TraceLimits {
  /** Steps from the record asked for. */
  readonly depth: number;
  /** Records found, the one asked for included. */
  readonly records: number;
  /** Records of the other side that one match leads on to. */
  readonly perMatch: number;
}

export const TRACE_LIMITS: TraceLimits = { depth: 8, records: 200, perMatch: 20 };

/** A match that a trace passed. */
export interface TraceMatch {
  readonly matchId: string;
  readonly reconciliation: string;
  readonly rule: string;
  readonly difference: string;
  readonly currency: string;
  /** Records of each side. */
  readonly left: number;
  readonly right: number;
  readonly logTime: string;
}

/** One step: how a record was come by. */
export interface TraceHop {
  /** 0 for the record asked for. */
  readonly depth: number;
  readonly record: RecordView;
  /** Position of the record that led here; absent for the one asked for. */
  readonly from?: string;
  readonly by?: 'link' | 'match';
  readonly match?: TraceMatch;
  /** What the match takes of this record. */
  readonly allocated?: string;
}

export interface Trace {
  readonly record: RecordView;
  readonly inBank: BankAnswer;
  /** In the order found: nearest first. */
  readonly hops: readonly TraceHop[];
  /** Records that links tie together, with what they come to; that of the record asked for first. */
  readonly chains: readonly LinkChain[];
  /** Open breaks of the records found. */
  readonly breaks: readonly BreakView[];
  /** Whether there is more than the limits let through. */
  readonly truncated: boolean;
}

type Lookup = Pick<ResultQueries, 'records' | 'matches' | 'breaks'>;

/** A page of results that mention given ids: ids are short, matches may be long. */
const PAGE = 200;

/** A record to go on from, and the reconciliation that led to it, which is not gone back through. */
interface Step {
  readonly hop: TraceHop;
  readonly through: string | undefined;
}

/**
 * Follows a record's money: links within its source, both ways, and matches to the other side, from reconciliation to
 * reconciliation (order, gateway, payout, bank). It never goes back through a reconciliation to the siblings of a
 * group, so that a payout of 5,000 charges is one step and not 5,000.
 */
export async function traceRecord(
  start: RecordView,
  queries: Lookup,
  limits: TraceLimits = TRACE_LIMITS,
): Promise<Trace> {
  const hops = new Map<string, TraceHop>([[start.position, { depth: 0, record: start }]]);
  let truncated = false;
  let level: Step[] = [{ hop: hops.get(start.position)!, through: undefined }];
  for (let depth = 1; level.length > 0; depth++) {
    const next: Step[] = [];
    const add = (hop: TraceHop, through: string | undefined): void => {
      if (hops.has(hop.record.position)) return;
      if (hops.size >= limits.records || depth > limits.depth) {
        truncated = true;
        return;
      }
      hops.set(hop.record.position, hop);
      next.push({ hop, through });
    };
    truncated = (await followMatches(level, depth, queries, limits, add)) || truncated;
    await followLinks(level, depth, queries, add);
    level = next;
  }
  const found = [...hops.values()];
  const breaks = await openBreaks(found, queries);
  return {
    record: start,
    inBank: inBank(found, breaks),
    hops: found,
    chains: chainsOf(found),
    breaks,
    truncated,
  };
}

type Add = (hop: TraceHop, through: string | undefined) => void;

/** Refunds, reversals and disputes of each record, and what it refunds, reverses or disputes. */
async function followLinks(level: readonly Step[], depth: number, queries: Lookup, add: Add): Promise<void> {
  for (const [source, steps] of bySource(level)) {
    const parents = steps.flatMap(({ hop }) => (hop.record.link === undefined ? [] : [hop.record.link]));
    const ids = steps.map(({ hop }) => hop.record.id);
    const [above, below] = await Promise.all([
      parents.length === 0 ? [] : newestOf(queries, { source, ids: parents }),
      newestOf(queries, { source, links: ids }),
    ]);
    for (const record of [...above, ...below].sort(byTime)) {
      const from = steps.find(({ hop }) => hop.record.link === record.id || record.link === hop.record.id);
      if (from !== undefined) add({ depth, record, from: from.hop.record.position, by: 'link' }, undefined);
    }
  }
}

/** The other side of every match that a record of this level is a leg of. */
async function followMatches(
  level: readonly Step[],
  depth: number,
  queries: Lookup,
  limits: TraceLimits,
  add: Add,
): Promise<boolean> {
  const places = new Map(level.map((step) => [step.hop.record.position, step]));
  const ids = [...new Set(level.map(({ hop }) => hop.record.id))];
  const { items, next } = await queries.matches({ recordIds: ids, whole: true, limit: PAGE });
  let truncated = next !== undefined;
  for (const match of items) {
    if (match.state !== 'matched') continue;
    for (const own of match.legs) {
      const step = places.get(own.record);
      if (step === undefined || step.through === match.reconciliation) continue;
      const others = match.legs.filter(({ side }) => side !== own.side);
      const reached = others.slice(0, limits.perMatch);
      if (reached.length < others.length) truncated = true;
      const records = await legRecords(reached, queries);
      for (const leg of reached) {
        const record = records.get(leg.record);
        if (record === undefined) continue;
        add(
          {
            depth,
            record,
            from: own.record,
            by: 'match',
            match: matchFacts(match),
            allocated: leg.allocated,
          },
          match.reconciliation,
        );
      }
    }
  }
  return truncated;
}

async function legRecords(
  legs: MatchView['legs'],
  queries: Lookup,
): Promise<ReadonlyMap<string, RecordView>> {
  const found = new Map<string, RecordView>();
  for (const source of new Set(legs.map((leg) => leg.source))) {
    const ids = legs.filter((leg) => leg.source === source).map(({ id }) => id);
    const { items } = await queries.records({ source, ids, limit: PAGE });
    for (const record of items) found.set(record.position, record);
  }
  return found;
}

/** Of each id the record that counts: the highest version; of ids that were used again, all. */
async function newestOf(
  queries: Lookup,
  filter: { readonly source: string; readonly ids?: readonly string[]; readonly links?: readonly string[] },
): Promise<RecordView[]> {
  const { items } = await queries.records({ ...filter, limit: PAGE });
  const highest = new Map<string, number>();
  for (const { id, version = 0 } of items) highest.set(id, Math.max(version, highest.get(id) ?? 0));
  return items.filter(({ id, version = 0 }) => version === highest.get(id));
}

/** Open breaks that a record found is a member of. */
async function openBreaks(hops: readonly TraceHop[], queries: Lookup): Promise<BreakView[]> {
  const places = new Set(hops.map(({ record }) => record.position));
  const ids = [...new Set(hops.map(({ record }) => record.id))];
  const { items } = await queries.breaks({ recordIds: ids, state: 'open', limit: PAGE });
  return items.filter(({ members }) => members.some(({ record }) => places.has(record)));
}

function matchFacts(match: MatchView): TraceMatch {
  const { matchId, reconciliation, rule, difference, currency, logTime } = match;
  const left = match.legs.filter(({ side }) => side === 'left').length;
  return {
    matchId,
    reconciliation,
    rule,
    difference,
    currency,
    left,
    right: match.legs.length - left,
    logTime,
  };
}

function bySource(level: readonly Step[]): Map<string, Step[]> {
  const groups = new Map<string, Step[]>();
  for (const step of level) {
    const { source } = step.hop.record;
    const group = groups.get(source);
    if (group === undefined) groups.set(source, [step]);
    else group.push(step);
  }
  return groups;
}

function byTime(a: RecordView, b: RecordView): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : 0;
}
