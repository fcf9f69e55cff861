import type {
  StatementArrivals,
  StatementMatches,
  StatementOddity,
  StatementRequest,
  StatementSide,
  StatementSums,
} from '../domain/index.ts';
import type { Connection, Parameters } from './connection.ts';
import { StatementSql } from './statement-sql.ts';

type Row = { readonly [column: string]: string };

/** Sums of a set of reconciliations as they stood at the end asked for. */
export async function statementSums(
  connection: Connection,
  database: string,
  request: StatementRequest,
): Promise<StatementSums> {
  const ask = async <T>(what: string, sql: (from: StatementSql) => string): Promise<T[]> => {
    const from = new StatementSql(database, request);
    return connection.rows<T>(`${what} of a statement`, sql(from), from.params);
  };
  const sides = await ask<Row>('summing records', (from) => from.sides());
  const matches = await ask<Row & { causes: { [cause: string]: string } }>('summing matches', (from) =>
    from.matches(),
  );
  const records = await ask<Row>('looking for odd records', (from) => from.oddRecords());
  const causes = await ask<Row>('looking for odd matches', (from) => from.oddMatches());
  return {
    sides: sides.map(sideOf),
    matches: matches.map(matchesOf),
    oddities: [...records, ...causes].map(oddityOf),
  };
}

/** Records that arrived from one moment of the log to another, by whether they are of the local days from–to. */
export async function statementArrivals(
  connection: Connection,
  database: string,
  request: StatementRequest,
  stretch: {
    readonly from: number;
    readonly to: number;
    readonly firstDay: string;
    readonly lastDay: string;
  },
): Promise<StatementArrivals[]> {
  const from = new StatementSql(database, request);
  const sql = from.arrivals(stretch);
  const params: Parameters = from.params;
  const rows = await connection.rows<Row>('summing arrivals of a statement', sql, params);
  return rows.map((row) => ({
    side: row['side'] as StatementSide['side'],
    currency: row['currency']!,
    of: row['of'] as StatementArrivals['of'],
    records: Number(row['records']),
    amount: BigInt(row['amount']!),
  }));
}

function sideOf(row: Row): StatementSide {
  return {
    side: row['side'] as StatementSide['side'],
    currency: row['currency']!,
    records: Number(row['records']),
    amount: BigInt(row['amount']!),
    open: Number(row['open']),
    openAmount: BigInt(row['open_amount']!),
    broken: Number(row['broken']),
    brokenAmount: BigInt(row['broken_amount']!),
    writtenOff: Number(row['written_off']),
    writtenOffAmount: BigInt(row['written_off_amount']!),
    fee: BigInt(row['fee']!),
    tax: BigInt(row['tax']!),
    otherwise: BigInt(row['otherwise']!),
  };
}

function matchesOf(row: Row & { readonly causes: { readonly [cause: string]: string } }): StatementMatches {
  const leftCurrency = row['left_currency']!;
  return {
    currency: row['currency']!,
    ...(leftCurrency === '' ? {} : { leftCurrency }),
    matches: Number(row['matches']),
    left: BigInt(row['left']!),
    right: BigInt(row['right']!),
    causes: Object.fromEntries(Object.entries(row.causes).map(([cause, minor]) => [cause, BigInt(minor)])),
  };
}

function oddityOf(row: Row): StatementOddity {
  const given = (name: string): string | undefined => (row[name] === '' ? undefined : row[name]);
  const [matchId, source, id, position] = ['match_id', 'source', 'id', 'position'].map(given);
  return {
    kind: row['kind'] as StatementOddity['kind'],
    currency: row['currency']!,
    amount: BigInt(row['amount']!),
    ...(matchId === undefined ? {} : { matchId }),
    ...(source === undefined ? {} : { source }),
    ...(id === undefined ? {} : { id }),
    ...(position === undefined ? {} : { position }),
  };
}
