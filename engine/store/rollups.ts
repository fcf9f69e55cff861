import type { Connection } from './connection.ts';
import { qualified } from './schema.ts';

/** Minutes that one statement rolls up at most: bounds its time and memory. */
const RUN = 60;

/**
 * Rebuilds the rollups of whole log minutes (minutes since 1970-01-01) from the rows stored in them.
 *
 * One row of `rollup_minute` says of a minute, thing, reconciliation, source, kind and currency how many there were
 * and Σ amount, Σ |amount|, Σ difference in minor units:
 * - `record`: accepted records by source and kind of record;
 * - `match`: new matches by reconciliation and rule (in `kind`); the amount is what their left legs take;
 * - `break`: breaks by reconciliation and kind, as they opened; `healed`: as a later match resolved them.
 *
 * Rows are only ever added to a minute, so of two rollups of it the one that counts more is the later one: the count
 * is the version by which ReplacingMergeTree keeps it. Read the table with FINAL. Repeating, interrupting and
 * overlapping calls therefore do no harm, whatever the clock says.
 */
export async function rollUp(
  connection: Connection,
  database: string,
  minutes: readonly number[],
): Promise<void> {
  for (const [from, to] of runs(minutes)) {
    await connection.command(
      `rolling up ${to - from} log minutes`,
      `INSERT INTO ${qualified(database, 'rollup_minute')} ` +
        `SELECT *, count AS version FROM (${selects(database, from, to).join(' UNION ALL ')}) ` +
        `SETTINGS async_insert = 0, max_insert_threads = 1`,
    );
  }
}

/** Neighbouring minutes as half-open ranges of at most RUN minutes. */
export function runs(minutes: readonly number[]): [from: number, to: number][] {
  const sorted = [...new Set(minutes)].sort((a, b) => a - b);
  const result: [number, number][] = [];
  for (const minute of sorted) {
    if (!Number.isSafeInteger(minute)) throw new RangeError(`${minute} is not a minute`);
    const run = result[result.length - 1];
    if (run?.[1] === minute && minute - run[0] < RUN) run[1] = minute + 1;
    else result.push([minute, minute + 1]);
  }
  return result;
}

function selects(database: string, from: number, to: number): string[] {
  const left = `arraySum(arrayMap((side, part) -> if(side = 'left', toInt128(part), 0), r.leg_side, r.leg_allocated))`;
  return [
    { thing: 'record', table: 'records', source: 'r.source', kind: 'r.kind', amount: 'r.amount' },
    { thing: 'match', table: 'matches', kind: 'r.rule', amount: left, where: 'r.version = 1' },
    { thing: 'break', table: 'breaks', kind: 'r.kind', amount: 'r.amount', where: 'r.version = 1' },
    { thing: 'healed', table: 'breaks', kind: 'r.kind', amount: 'r.amount', where: `r.state = 'resolved'` },
  ].map(
    ({ thing, table, source, kind, amount, where }) =>
      `SELECT toStartOfMinute(r.log_time) AS minute, '${thing}' AS thing, ` +
      `${table === 'records' ? `''` : 'r.reconciliation'} AS reconciliation, ${source ?? `''`} AS source, ` +
      `${kind} AS kind, r.currency AS currency, r.exponent AS exponent, count() AS count, ` +
      `sum(toInt128(${amount})) AS amount, sum(abs(toInt128(${amount}))) AS absolute_amount, ` +
      `sum(toInt128(${table === 'matches' ? 'r.difference' : '0'})) AS difference ` +
      `FROM ${qualified(database, table)} AS r ` +
      `WHERE r.log_time >= ${moment(from)} AND r.log_time < ${moment(to)}${where === undefined ? '' : ` AND ${where}`} ` +
      'GROUP BY minute, reconciliation, source, kind, currency, exponent',
  );
}

function moment(minute: number): string {
  return `fromUnixTimestamp64Milli(${minute * 60_000}, 'UTC')`;
}
