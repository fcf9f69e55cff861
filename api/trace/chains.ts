import { exponentOf, formatMinor, parseMinor, type RecordView } from '../../engine/domain/index.ts';
import type { TraceHop } from './trace.ts';

/** Records of one source that links tie together: a payment and what became of it. */
export interface LinkChain {
  readonly source: string;
  readonly currency: string;
  /** In order of time. */
  readonly records: readonly {
    readonly position: string;
    readonly id: string;
    readonly kind: RecordView['kind'];
    readonly time: string;
    /** Amount less fee and tax. */
    readonly net: string;
  }[];
  /** What they come to. */
  readonly net: string;
}

/**
 * The chains among the records of a trace: all that have more than one record, and that of the record asked for, which
 * is first. Records of one chain in different currencies make a chain for each.
 */
export function chainsOf(hops: readonly TraceHop[]): LinkChain[] {
  const roots = new Map<string, string>();
  for (const { record, from, by } of hops)
    roots.set(record.position, by === 'link' ? roots.get(from!)! : record.position);
  const groups = new Map<string, RecordView[]>();
  for (const { record } of hops) {
    const key = `${roots.get(record.position)!} ${record.currency}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  return [...groups.values()]
    .filter((records, i) => i === 0 || records.length > 1)
    .map((records) => chainOf(records));
}

function chainOf(records: readonly RecordView[]): LinkChain {
  const { source, currency } = records[0]!;
  const exponent = exponentOf(currency);
  const sorted = [...records].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  const net = sorted.reduce((sum, record) => sum + parseMinor(record.net, exponent), 0n);
  return {
    source,
    currency,
    records: sorted.map(({ position, id, kind, time, net: own }) => ({ position, id, kind, time, net: own })),
    net: formatMinor(net, exponent),
  };
}
