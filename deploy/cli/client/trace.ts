import { openApi } from './api.ts';
import { tableLines } from './table.ts';

interface RecordLine {
  readonly position: string;
  readonly source: string;
  readonly id: string;
  readonly kind: string;
  readonly amount: string;
  readonly net: string;
  readonly currency: string;
  readonly time: string;
}

interface Hop {
  readonly depth: number;
  readonly record: RecordLine;
  /** Position of the record that led here; absent for the one asked for. */
  readonly from?: string;
  readonly by?: 'link' | 'match';
  readonly match?: { readonly matchId: string; readonly reconciliation: string; readonly rule: string };
}

/** A trace as far as it is printed. */
interface Trace {
  readonly inBank: { readonly line: string };
  /** Nearest first. */
  readonly hops: readonly Hop[];
  readonly chains: readonly {
    readonly source: string;
    readonly currency: string;
    readonly records: readonly { readonly id: string; readonly net: string }[];
    readonly net: string;
  }[];
  readonly breaks: readonly {
    readonly breakId: string;
    readonly kind: string;
    readonly reconciliation: string;
  }[];
  readonly truncated: boolean;
}

export interface TraceOptions {
  readonly source?: string;
  readonly url?: string;
  readonly json?: boolean;
}

/** Prints where a record's money went. */
export async function trace(id: string, options: TraceOptions): Promise<void> {
  const found = await openApi(options.url).get<Trace>(`/v1/records/${encodeURIComponent(id)}/trace`, {
    source: options.source,
  });
  process.stdout.write(options.json === true ? `${JSON.stringify(found)}\n` : readable(found));
}

/** A trace as people read it: under each record what it is linked or matched with. */
export function readable({ inBank, hops, chains, breaks, truncated }: Trace): string {
  const rows = asTree(hops).map(({ depth, record, by, match }) => [
    `${'  '.repeat(depth)}${record.source} ${record.id}`,
    record.kind,
    record.amount,
    record.currency,
    record.time.slice(0, 10),
    by === 'match'
      ? `match ${match!.matchId} by ${match!.reconciliation}/${match!.rule}`
      : by === 'link'
        ? 'link'
        : '',
  ]);
  const lines = [inBank.line, '', ...tableLines(rows, [2])];
  const own = chains[0];
  if (own !== undefined && own.records.length > 1) {
    const nets = own.records.map(({ id, net }) => `${id} ${net}`).join(', ');
    lines.push('', `net of its life: ${nets}: ${own.net} ${own.currency}`);
  }
  for (const { breakId, kind, reconciliation } of breaks)
    lines.push(`open break ${breakId} of ${reconciliation}: ${kind}`);
  if (truncated) lines.push('there is more than a trace follows');
  return `${lines.join('\n')}\n`;
}

/** Each record followed by all that it led to, where hops come nearest first. */
function asTree(hops: readonly Hop[]): Hop[] {
  const ledTo = new Map<string | undefined, Hop[]>();
  for (const hop of hops) ledTo.set(hop.from, [...(ledTo.get(hop.from) ?? []), hop]);
  const below = (from: string | undefined): Hop[] =>
    (ledTo.get(from) ?? []).flatMap((hop) => [hop, ...below(hop.record.position)]);
  return below(undefined);
}
