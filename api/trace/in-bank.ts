import type { BreakView, RecordView } from '../../engine/domain/index.ts';
import type { TraceHop } from './trace.ts';

/** Whether a record's money is in the bank, and one line that says why. */
export interface BankAnswer {
  readonly answer: 'yes' | 'no';
  readonly line: string;
}

/**
 * Answers "is this in the bank?" from the hops of a trace, the record asked for first: matches alone lead from it to a
 * bank's record or they do not. What links lead to (a refund's own payout, say) is another record's answer.
 */
export function inBank(hops: readonly TraceHop[], breaks: readonly BreakView[]): BankAnswer {
  const [first, ...others] = hops;
  const start = first!.record;
  const reached = new Map<string, TraceHop>([[start.position, first!]]);
  for (const hop of others)
    if (hop.by === 'match' && reached.has(hop.from!)) reached.set(hop.record.position, hop);
  if (start.kind === 'bank') return { answer: 'yes', line: `${named(start)} is the bank's own record` };

  const banked = [...reached.values()].find(({ record }) => record.kind === 'bank');
  if (banked !== undefined) {
    const way = pathTo(banked, reached).slice(1, -1);
    const through =
      way.length === 0 ? '' : `, through ${way.map(({ record }) => named(record)).join(' and ')}`;
    return {
      answer: 'yes',
      line: `yes: ${named(start)} reached the bank as ${named(banked.record)} on ${dayOf(banked.record)}${through} (match ${banked.match!.matchId})`,
    };
  }
  const last = [...reached.values()].at(-1)!;
  const broken = breaks.find(({ members }) => members.some(({ record }) => record === last.record.position));
  const why =
    broken === undefined
      ? 'is not matched any further yet'
      : `broke in ${broken.reconciliation} (${broken.kind}, ${broken.why.condition}; break ${broken.breakId})`;
  const line =
    last.record.position === start.position
      ? `no: ${named(start)} ${broken === undefined ? 'is not matched yet' : why}`
      : `no: ${named(start)} is matched as far as ${named(last.record)}, which ${why}`;
  return { answer: 'no', line };
}

/** From the record asked for to `hop`. */
function pathTo(hop: TraceHop, reached: ReadonlyMap<string, TraceHop>): TraceHop[] {
  const path = [hop];
  while (path[0]!.from !== undefined) path.unshift(reached.get(path[0]!.from)!);
  return path;
}

function named({ source, id, amount, currency }: RecordView): string {
  return `${source} ${id} (${amount} ${currency})`;
}

/** The day that the bank counts from, as it says it. */
function dayOf({ valueDate, bookingDate, time }: RecordView): string {
  return valueDate ?? bookingDate ?? time.slice(0, 10);
}
