import type { RulesRequest, StoredRules } from '../domain/index.ts';
import { Conditions } from './conditions.ts';
import type { Connection } from './connection.ts';
import { qualified } from './schema.ts';

/** Earlier lists of reconciliations that are looked at. Rates and calendars change more often than these. */
const MOST_EARLIER = 100;

/** The rules that were in force at an end of the log, and the different reconciliations that were before. */
export async function storedRules(
  connection: Connection,
  database: string,
  { partition, end }: RulesRequest,
): Promise<StoredRules | undefined> {
  const conditions = new Conditions().equal('partition', 'UInt16', partition);
  if (end !== undefined && 'before' in end) conditions.within('log_time', undefined, end.before);
  if (end !== undefined && 'through' in end) {
    // A position says how far one partition has come: the rules of that one.
    conditions
      .equal('epoch', 'UInt32', end.through.epoch)
      .and('partition = {throughPartition:UInt16}', { throughPartition: end.through.partition })
      .and('sequence <= {sequence:UInt64}', { sequence: end.through.sequence });
  }
  const { where, params } = conditions;
  const from = `FROM ${qualified(database, 'rules')} ${where}`;
  const last = 'ORDER BY log_time DESC, epoch DESC, sequence DESC, partition';
  const list = "JSONExtractRaw(json, 'reconciliations') AS reconciliations";
  const [found] = await connection.rows<{ json: string; reconciliations: string }>(
    'reading the rules in force',
    `SELECT json, ${list} ${from} ${last} LIMIT 1`,
    params,
  );
  if (found === undefined) return undefined;
  const earlier = await connection.rows<{ reconciliations: string }>(
    'reading earlier rules',
    `SELECT ${list} ${from} ` +
      `GROUP BY reconciliations ORDER BY max(log_time) DESC LIMIT ${MOST_EARLIER + 1}`,
    params,
  );
  return {
    json: found.json,
    earlier: earlier
      .map(({ reconciliations }) => reconciliations)
      .filter((each) => each !== found.reconciliations),
  };
}
