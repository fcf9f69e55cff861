import type { FeeFilter, FeeVariance } from '../domain/index.ts';
import { Conditions } from './conditions.ts';
import type { Connection } from './connection.ts';
import { qualified } from './schema.ts';

type Row = { readonly [column: string]: string };

/** Findings `fee` and `tax` by provider, account, month of the record, and currency. */
export async function feeVariances(
  connection: Connection,
  database: string,
  filter: FeeFilter,
): Promise<FeeVariance[]> {
  const findings = new Conditions().and("kind IN ('fee', 'tax')").equal('source', 'String', filter.source);
  const months = new Conditions()
    .and('month >= {fromMonth:String}', { fromMonth: filter.fromMonth })
    .and('month <= {toMonth:String}', { toMonth: filter.toMonth });
  // A finding has the message and the id of its record; where retention has dropped that, the log's month stands in.
  const found = `SELECT * FROM ${qualified(database, 'findings')} ${findings.where}`;
  const rows = await connection.rows<Row>(
    'summing fee variances',
    `SELECT source, account, month, currency, kind, toString(count()) AS records, ` +
      `toString(sumIf(minor, minor > 0)) AS over, toString(sumIf(minor, minor < 0)) AS under FROM (` +
      `SELECT toString(f.source) AS source, toString(f.account) AS account, toString(f.currency) AS currency, ` +
      `toString(f.kind) AS kind, toInt128(f.amount) AS minor, ` +
      `formatDateTime(if(r.id = '', f.log_time, addMinutes(r.time, r.offset_minutes)), '%Y-%m') AS month ` +
      `FROM (${found}) AS f LEFT ANY JOIN (SELECT epoch, partition, sequence, source, id, time, offset_minutes ` +
      `FROM ${qualified(database, 'records')} WHERE (epoch, partition, sequence) IN (SELECT epoch, partition, sequence FROM (${found}))) AS r ` +
      `ON f.epoch = r.epoch AND f.partition = r.partition AND f.sequence = r.sequence AND f.source = r.source AND f.record_id = r.id` +
      `) ${months.where} GROUP BY source, account, month, currency, kind ORDER BY month, source, account, currency, kind`,
    { ...findings.params, ...months.params },
  );
  return rows.map((row) => ({
    source: row['source']!,
    account: row['account']!,
    month: row['month']!,
    currency: row['currency']!,
    kind: row['kind'] as FeeVariance['kind'],
    records: Number(row['records']),
    over: BigInt(row['over']!),
    under: BigInt(row['under']!),
  }));
}
