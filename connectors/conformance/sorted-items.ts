import type {
  DeadLetter,
  MoneyRecord,
  ReportedBalance,
  SourceFinding,
  Translated,
} from '../../engine/domain/index.ts';

/** Items of a connector by their kind, each in its order. */
export interface SortedItems {
  readonly items: readonly Translated[];
  readonly records: MoneyRecord[];
  readonly dead: DeadLetter[];
  readonly findings: SourceFinding[];
  readonly progress: number[];
  readonly balances: ReportedBalance[];
}

export function sortItems(items: readonly Translated[]): SortedItems {
  const sorted: SortedItems = { items, records: [], dead: [], findings: [], progress: [], balances: [] };
  for (const item of items) {
    if (item.type === 'record') sorted.records.push(item.record);
    else if (item.type === 'deadLetter') sorted.dead.push(item.deadLetter);
    else if (item.type === 'finding') sorted.findings.push(item.finding);
    else if (item.type === 'progress') sorted.progress.push(item.time);
    else sorted.balances.push(item.balance);
  }
  return sorted;
}
