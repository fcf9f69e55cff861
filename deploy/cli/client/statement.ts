import { EXIT_BREAKS, EXIT_EMPTY } from '../exit.ts';
import { openApi } from './api.ts';
import { grouped, tableLines } from './table.ts';

interface Counted {
  readonly records: number;
  readonly amount: string;
}

interface Figures {
  readonly left: Counted;
  readonly right: Counted;
  readonly difference: string;
  readonly causes: Readonly<{ [cause: string]: string }>;
  readonly writtenOff: { readonly left: Counted; readonly right: Counted };
  readonly converted: { readonly out: string; readonly in: string };
  readonly otherwise: string;
  readonly pending: { readonly left: Counted; readonly right: Counted };
  readonly broken: { readonly left: Counted; readonly right: Counted };
  readonly residual: string;
}

interface Part {
  readonly reconciliations: readonly string[];
  readonly currency: string;
  readonly opening?: Figures;
  readonly closing: Figures;
  readonly arrivals?: readonly {
    readonly side: string;
    readonly of: 'day' | 'before' | 'after';
    readonly records: number;
    readonly amount: string;
  }[];
  readonly oddities: readonly {
    readonly kind: 'causes' | 'allocated' | 'missing';
    readonly amount: string;
    readonly matchId?: string;
    readonly source?: string;
    readonly id?: string;
    readonly position?: string;
  }[];
}

interface Statement {
  readonly balanced: boolean;
  readonly empty: boolean;
  readonly parts: readonly Part[];
  readonly balances: readonly {
    readonly source: string;
    readonly account: string;
    readonly currency: string;
    readonly statements: number;
    readonly opening?: string;
    readonly closing?: string;
    readonly records: number;
    readonly amount: string;
    readonly residual: string;
    readonly messages: readonly string[];
  }[];
}

export interface StatementOptions {
  readonly reconciliation?: string;
  readonly day?: string;
  readonly from?: string;
  readonly to?: string;
  readonly asOf?: string;
  readonly zone?: string;
  readonly url?: string;
  readonly json?: boolean;
}

/** Prints the statement. @returns the exit status: 2 when something is not accounted for, 3 when there is nothing */
export async function statement(options: StatementOptions): Promise<number> {
  const { reconciliation, day, from, to, asOf, zone } = options;
  const query = { reconciliation, day, from, to, asOf, zone };
  const drawn = await openApi(options.url).get<Statement>('/v1/statement', query);
  process.stdout.write(options.json === true ? `${JSON.stringify(drawn)}\n` : readable(drawn));
  if (drawn.empty) return EXIT_EMPTY;
  return drawn.balanced ? 0 : EXIT_BREAKS;
}

function readable({ balanced, empty, parts, balances }: Statement): string {
  if (empty) return 'nothing to account for: the log has no record of this in the period or before it\n';
  const lines: string[] = [];
  for (const part of parts) lines.push(...partLines(part), '');
  if (balances.length > 0) {
    lines.push('balances of sources');
    const rows = [
      ['  source', 'account', '', 'statements', 'opening', 'records', 'their sum', 'closing', 'residual'],
      ...balances.map(
        ({ source, account, currency, statements, opening, closing, records, amount, residual }) => [
          ...[`  ${source}`, account, currency, String(statements)],
          ...[
            grouped(opening ?? '-'),
            String(records),
            grouped(amount),
            grouped(closing ?? '-'),
            grouped(residual),
          ],
        ],
      ),
    ];
    lines.push(...tableLines(rows, [3, 4, 5, 6, 7, 8]));
    for (const { messages } of balances) lines.push(...messages.map((message) => `    ${message}`));
    lines.push('');
  }
  lines.push(balanced ? 'everything is accounted for' : 'not everything is accounted for');
  return `${lines.join('\n')}\n`;
}

function* partLines({
  reconciliations,
  currency,
  opening,
  closing,
  arrivals,
  oddities,
}: Part): Generator<string> {
  yield `${reconciliations.join(', ')}  ${currency}`;
  const columns = opening === undefined ? [closing] : [opening, closing];
  const row = (name: string, of: (figures: Figures) => string): string[] => [
    `  ${name}`,
    ...columns.map((figures) => grouped(of(figures))),
  ];
  const rows: string[][] = [
    ...(opening === undefined ? [] : [['', 'opening', 'closing']]),
    row('left', ({ left }) => left.amount),
    row('right', ({ right }) => right.amount),
    row('left − right', ({ difference }) => difference),
    ...Object.keys(closing.causes).flatMap((cause) =>
      columns.some(({ causes }) => !isZero(causes[cause]!))
        ? [row(`matched, ${cause}`, ({ causes }) => causes[cause]!)]
        : [],
    ),
    row('written off, left', ({ writtenOff }) => writtenOff.left.amount),
    row('written off, right', ({ writtenOff }) => writtenOff.right.amount),
    ...(columns.some(({ converted }) => !isZero(converted.out) || !isZero(converted.in))
      ? [
          row('converted out', ({ converted }) => converted.out),
          row('converted in', ({ converted }) => converted.in),
        ]
      : []),
    ...(columns.some(({ otherwise }) => !isZero(otherwise))
      ? [row('matched by other amounts', ({ otherwise }) => otherwise)]
      : []),
    row('pending, left', ({ pending }) => pending.left.amount),
    row('pending, right', ({ pending }) => pending.right.amount),
    row('in breaks, left', ({ broken }) => broken.left.amount),
    row('in breaks, right', ({ broken }) => broken.right.amount),
    row('residual', ({ residual }) => residual),
  ];
  yield* tableLines(
    rows,
    columns.map((_, i) => i + 1),
  );
  if (arrivals?.length === 0) yield '  nothing arrived';
  for (const { side, of, records, amount } of arrivals ?? []) {
    const when = { day: 'arrived', before: 'arrived for earlier days', after: 'arrived for later days' }[of];
    yield `  ${when}, ${side}: ${records} records, ${grouped(amount)}`;
  }
  for (const { kind, amount, matchId, source, id, position } of oddities) {
    const record = `${source ?? ''} ${id ?? ''} (${position ?? ''})`;
    if (kind === 'causes') yield `  match ${matchId!}: its causes leave ${amount} unexplained`;
    else if (kind === 'allocated') yield `  ${record}: matches take another amount than it has, by ${amount}`;
    else yield `  ${record}: matched for ${amount}, and no such record is on its side`;
  }
}

interface FeeReport {
  readonly items: readonly FeeVariance[];
  /** Reported fees that there were to look at. */
  readonly records: number;
}

interface FeeVariance {
  readonly month: string;
  readonly source: string;
  readonly account: string;
  readonly currency: string;
  readonly kind: string;
  readonly records: number;
  readonly over: string;
  readonly under: string;
  readonly net: string;
}

export interface FeesOptions {
  readonly source?: string;
  readonly from?: string;
  readonly to?: string;
  readonly url?: string;
  readonly json?: boolean;
}

/** Prints what providers charged beside their contracts. */
export async function fees(options: FeesOptions): Promise<void> {
  const { source, from, to } = options;
  const found = await openApi(options.url).get<FeeReport>('/v1/fees', { source, from, to });
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(found)}\n`);
    return;
  }
  if (found.items.length === 0) {
    process.stdout.write(
      found.records === 0
        ? 'no fee was looked at: no record asked for reports one on a side with a fee contract\n'
        : `every fee that was reported is as its contract says (${found.records === 1 ? '1 record' : `${found.records} records`})\n`,
    );
    return;
  }
  const rows = [
    ['month', 'provider', 'account', '', 'records', 'too much', 'too little', 'net', ''],
    ...found.items.map(({ month, source: name, account, kind, records, over, under, net, currency }) => [
      ...[month, name, account, kind, String(records)],
      ...[grouped(over), grouped(under), grouped(net), currency],
    ]),
  ];
  process.stdout.write(`${tableLines(rows, [4, 5, 6, 7]).join('\n')}\n`);
}

function isZero(decimal: string): boolean {
  return /^-?0+(\.0+)?$/.test(decimal);
}
