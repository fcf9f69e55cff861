import type { SourceBalance, StatementBalance } from '../domain/index.ts';
import { Conditions } from './conditions.ts';
import type { Connection } from './connection.ts';
import { qualified } from './schema.ts';

/** Messages of findings that are shown of one source. */
const MOST_MESSAGES = 5;
/** Statements that are looked at, of all sources. */
const MOST_STATEMENTS = 10_000;

type Row = { readonly [column: string]: string };

/** A stretch of the log, epoch milliseconds: from inclusive, to exclusive. */
interface Stretch {
  readonly from?: number;
  readonly to?: number;
}

/** What sources reported in a stretch of the log by source, account and currency, and what their balances say of it. */
export async function sourceBalances(
  connection: Connection,
  database: string,
  stretch: Stretch,
): Promise<SourceBalance[]> {
  const statements = await statementBalances(connection, database, stretch);
  const { where, params } = new Conditions().and('1').within('log_time', stretch.from, stretch.to);
  const none = "'' AS message, toUInt64(0) AS off, toInt128(0) AS off_by";
  const rows = await connection.rows<Row & { messages: readonly string[] }>(
    'summing what sources reported',
    `SELECT source, account, currency, toString(sum(s.records)) AS records, toString(sum(s.amount)) AS amount, ` +
      `toString(sum(s.off)) AS off, toString(sum(s.off_by)) AS off_by, ` +
      `groupArrayIf(${MOST_MESSAGES})(message, message != '') AS messages FROM (` +
      `SELECT toString(source) AS source, toString(account) AS account, toString(currency) AS currency, ` +
      `toUInt64(1) AS records, toInt128(if(status = 'booked', r.net, 0)) AS amount, ${none} ` +
      `FROM ${qualified(database, 'records')} AS r ${where} ` +
      `UNION ALL SELECT toString(source), toString(account), toString(currency), toUInt64(0), toInt128(0), ` +
      `message, toUInt64(1), toInt128(f.amount) FROM ${qualified(database, 'findings')} AS f ${where} AND kind = 'balance' ` +
      `UNION ALL SELECT toString(source), toString(account), toString(currency), toUInt64(0), toInt128(0), ${none} ` +
      `FROM ${qualified(database, 'balances')} AS b ${where}` +
      `) AS s GROUP BY source, account, currency ORDER BY source, account, currency`,
    params,
  );
  return rows.map((row) => ({
    source: row['source']!,
    account: row['account']!,
    currency: row['currency']!,
    records: Number(row['records']),
    amount: BigInt(row['amount']!),
    off: Number(row['off']),
    offBy: BigInt(row['off_by']!),
    messages: row.messages,
    statements: statements.get(keyOf(row)) ?? [],
  }));
}

/** The statements of each source, account and currency in order of their days, with the records that came of them. */
async function statementBalances(
  connection: Connection,
  database: string,
  stretch: Stretch,
): Promise<Map<string, StatementBalance[]>> {
  const { where, params } = new Conditions().and('1').within('log_time', stretch.from, stretch.to);
  // A page that was stated again counts as it was stated last; of several pages the first opens and the last closes.
  const pages =
    `SELECT source, account, currency, name, page, argMax((day, opening, closing), (log_time, sequence)) AS said, ` +
    `min((log_time, sequence)) AS first FROM ${qualified(database, 'balances')} ${where} ` +
    `GROUP BY source, account, currency, name, page`;
  const records =
    `SELECT source, account, currency, left(id, length(id) - position(reverse(id), '/')) AS name, ` +
    `count() AS records, sum(toInt128(if(status = 'booked', net, 0))) AS amount ` +
    `FROM ${qualified(database, 'records')} ${where} AND source IN (SELECT source FROM ${qualified(database, 'balances')}) ` +
    `GROUP BY source, account, currency, name`;
  const rows = await connection.rows<Row & { opening: string | null }>(
    'reading balances of sources',
    `SELECT toString(b.source) AS source, toString(b.account) AS account, toString(b.currency) AS currency, b.name AS name, ` +
      `toString(b.opening) AS opening, toString(b.closing) AS closing, toString(r.records) AS records, toString(r.amount) AS amount ` +
      `FROM (SELECT source, account, currency, name, argMin(tuple(said.2), page).1 AS opening, ` +
      `argMax(said.3, page) AS closing, max(said.1) AS day, min(first) AS first FROM (${pages}) ` +
      `GROUP BY source, account, currency, name) AS b ` +
      `LEFT JOIN (${records}) AS r ON b.source = r.source AND b.account = r.account AND b.currency = r.currency AND b.name = r.name ` +
      `ORDER BY source, account, currency, b.day, b.first, name LIMIT ${MOST_STATEMENTS}`,
    params,
  );
  const found = new Map<string, StatementBalance[]>();
  for (const row of rows) {
    const { name, opening, closing, records: count, amount } = row;
    const statement: StatementBalance = {
      name: name!,
      ...(opening === null ? {} : { opening: BigInt(opening) }),
      closing: BigInt(closing!),
      records: Number(count),
      amount: BigInt(amount!),
    };
    const list = found.get(keyOf(row));
    if (list === undefined) found.set(keyOf(row), [statement]);
    else list.push(statement);
  }
  return found;
}

function keyOf(row: Row): string {
  return JSON.stringify([row['source'], row['account'], row['currency']]);
}
