import type { KeyField, Side, StatementLane, StatementRequest } from '../domain/index.ts';
import type { Parameters } from './connection.ts';
import { FilterSql } from './filter-sql.ts';
import { LaneSql } from './lane-sql.ts';
import { qualified } from './schema.ts';

/** Oddities of a kind that are shown. */
const MOST_ODDITIES = 20;

const PLACE = 'epoch, partition, sequence, n';

/**
 * The statements of SQL behind a statement. Everything is counted once per record and pool: what the pool's sides
 * select (from `records`), what matches in force take (from `matches`, each in its latest version), and what is in open
 * breaks or was written off (from `breaks`). Values are parameters, collected in {@link params}; one object makes one
 * statement.
 */
export class StatementSql {
  readonly #database: string;
  readonly #request: StatementRequest;
  readonly #filters = new FilterSql();
  readonly #lanes: LaneSql;
  #end: string | undefined;

  constructor(database: string, request: StatementRequest) {
    this.#database = database;
    this.#request = request;
    this.#lanes = new LaneSql(request.lanes, this.#filters);
  }

  get params(): Parameters {
    return this.#filters.params;
  }

  /** Records, open (and of these, in breaks) and written off, by side and currency. */
  sides(): string {
    return (
      `SELECT toString(side) AS side, currency, toString(count()) AS records, toString(sum(amount)) AS amount, ` +
      `toString(countIf(rest != 0 AND off = 0)) AS open, toString(sumIf(rest, off = 0)) AS open_amount, ` +
      `toString(countIf(rest != 0 AND breaks > 0)) AS broken, toString(sumIf(rest, breaks > 0)) AS broken_amount, ` +
      `toString(countIf(rest != 0 AND off > 0)) AS written_off, toString(sumIf(rest, off > 0)) AS written_off_amount, ` +
      `toString(sumIf(fee, net > 0)) AS fee, toString(sumIf(tax, net > 0)) AS tax, toString(sumIf(allocated, other > 0)) AS otherwise ` +
      `FROM (${this.#perRecord()}) WHERE recorded > 0 GROUP BY side, currency ORDER BY currency, side`
    );
  }

  /** Matches in force by their currencies. */
  matches(): string {
    return (
      `SELECT currency, left_currency, toString(count()) AS matches, toString(sum(left_sum)) AS left, ` +
      `toString(sum(right_sum)) AS right, mapApply((k, v) -> (k, toString(v)), sumMap(mapApply((k, v) -> (toString(k), toInt128(v)), causes))) AS causes ` +
      `FROM (${this.#summedMatches()}) GROUP BY currency, left_currency ORDER BY currency, left_currency`
    );
  }

  /** Records of which matches take another amount than they have, and legs of no record. */
  oddRecords(): string {
    return (
      `SELECT if(recorded = 0, 'missing', 'allocated') AS kind, currency, '' AS match_id, source, id, ` +
      `concat(toString(epoch), '-', toString(partition), '-', toString(sequence), '-', toString(n)) AS position, ` +
      `toString(if(side = 'left', 1, -1) * (base - allocated)) AS amount FROM (${this.#perRecord()}) ` +
      `WHERE legs > 0 AND partial = 0 AND (recorded = 0 OR base != allocated) ` +
      `ORDER BY abs(base - allocated) DESC, ${PLACE} LIMIT ${MOST_ODDITIES}`
    );
  }

  /** Matches whose causes do not sum to what their legs differ by. */
  oddMatches(): string {
    return (
      `SELECT 'causes' AS kind, currency, match_id, '' AS source, '' AS id, '' AS position, ` +
      `toString(left_sum - right_sum - caused) AS amount FROM (${this.#summedMatches()}) ` +
      `WHERE left_currency = '' AND left_sum - right_sum != caused ` +
      `ORDER BY abs(left_sum - right_sum - caused) DESC, match_id LIMIT ${MOST_ODDITIES}`
    );
  }

  /** Records that arrived in a stretch of the log, by whether their own local day is in a stretch of days. */
  arrivals(stretch: {
    readonly from: number;
    readonly to: number;
    readonly firstDay: string;
    readonly lastDay: string;
  }): string {
    const f = this.#filters;
    const day = 'toString(toDate32(addMinutes(r.time, r.offset_minutes)))';
    const of =
      `multiIf(${day} < ${f.place('String', stretch.firstDay)}, 'before', ` +
      `${day} > ${f.place('String', stretch.lastDay)}, 'after', 'day')`;
    const from = `log_time >= fromUnixTimestamp64Milli(${f.place('Int64', stretch.from)}, 'UTC')`;
    const to = `log_time < fromUnixTimestamp64Milli(${f.place('Int64', stretch.to)}, 'UTC')`;
    const parts = [...this.#lanes.pools()].map(
      ([, lanes]) =>
        `SELECT '${lanes[0]!.side}' AS side, toString(r.currency) AS currency, ${of} AS of, toInt128(r.amount) * r.sign AS amount ` +
        `FROM (${this.#laneRecords(lanes, `${from} AND ${to}`)}) AS r`,
    );
    return (
      `SELECT side, currency, of, toString(count()) AS records, toString(sum(amount)) AS amount ` +
      `FROM (${parts.join(' UNION ALL ')}) GROUP BY side, currency, of ORDER BY currency, side, of`
    );
  }

  /**
   * One row per record and pool: what it has (`base`), what is taken of it, what is left (`rest`), and whether that is
   * written `off`: not where it has come back since, and is in a break anew. In a pool of left and right sides it counts
   * on that of its match.
   */
  #perRecord(): string {
    const rows = [this.#records(), this.#legs(), this.#members()].join(' UNION ALL ');
    return (
      `SELECT *, if(net > 0, amount - fee - tax, amount) AS base, ` +
      `if(legs > 0 AND partial = 0, toInt128(0), base - allocated) AS rest, offs > 0 AND breaks = 0 AS off FROM (` +
      `SELECT ${PLACE}, pool, if(sum(u.legs) > 0, anyIf(side, u.legs > 0), anyIf(side, u.legs = 0)) AS side, ` +
      ['currency', 'source', 'id'].map((name) => `anyIf(${name}, ${name} != '') AS ${name}`).join(', ') +
      ', ' +
      ['recorded', 'amount', 'fee', 'tax', 'legs', 'allocated', 'partial', 'net', 'other', 'offs', 'breaks']
        .map((name) => `sum(u.${name}) AS ${name}`)
        .join(', ') +
      ` FROM (${rows}) AS u GROUP BY ${PLACE}, pool)`
    );
  }

  /** What the sides of each pool select. */
  #records(): string {
    const none = 'toUInt64(0)';
    return [...this.#lanes.pools()]
      .map(([pool, lanes]) => {
        const money = ['amount', 'fee', 'tax']
          .map((name) => `toInt128(r.${name}) * r.sign AS ${name}`)
          .join(', ');
        return (
          `SELECT ${PLACE}, ${this.#filters.place('String', pool)} AS pool, '${lanes[0]!.side}' AS side, ` +
          `toString(r.currency) AS currency, toString(r.source) AS source, r.id AS id, toUInt64(1) AS recorded, ` +
          `${money}, ${none} AS legs, toInt128(0) AS allocated, ${none} AS partial, ${none} AS net, ${none} AS other, ${none} AS offs, ${none} AS breaks ` +
          `FROM (${this.#laneRecords(lanes, this.#before(), this.#replacing(pool))}) AS r`
        );
      })
      .join(' UNION ALL ');
  }

  /** The stored records that these sides select, with the sign by which they count. */
  #laneRecords(lanes: readonly StatementLane[], when: string, also = '0'): string {
    return (
      `SELECT *, ${this.#lanes.sign(lanes)} AS sign FROM ${this.#table('records')} ` +
      `WHERE (((${this.#lanes.selected(lanes)}) AND ${this.#current()}) OR ${also}) AND ${when}`
    );
  }

  /**
   * Records that count whatever their side says now: those that took another's place in a match, or kept theirs, and
   * those of matches and write-offs under rules that were others.
   */
  #replacing(pool: string): string {
    const { amending, superseding, changed } = this.#request;
    if (changed === true) return this.#taken(pool);
    const involved = [...amending, ...superseding.flatMap(({ source, sources }) => [source, ...sources])];
    if (involved.length === 0) return '0';
    const sources = this.#filters.place('Array(String)', [...new Set(involved)]);
    return (
      `(source IN ${sources} AND (${PLACE}) IN (SELECT epoch, partition, leg_sequence, leg_ordinal ` +
      `FROM (${this.#inForce('matches', 'match_id')}) ARRAY JOIN leg_side, leg_source, leg_sequence, leg_ordinal ` +
      `WHERE state = 'matched' AND leg_source IN ${sources} AND ` +
      `pools[if(leg_side = 'left', 1, 2)] = ${this.#filters.place('String', pool)}))`
    );
  }

  /** What matches in force have taken in a pool, and what was written off. */
  #taken(pool: string): string {
    const own = this.#filters.place('String', pool);
    return (
      `(${PLACE}) IN (SELECT epoch, partition, leg_sequence, leg_ordinal ` +
      `FROM (${this.#inForce('matches', 'match_id')}) ARRAY JOIN leg_side, leg_sequence, leg_ordinal ` +
      `WHERE state = 'matched' AND ${this.#lanes.poolOf('leg_side')} = ${own} ` +
      `UNION ALL SELECT epoch, partition, member_sequence, member_ordinal ` +
      `FROM (${this.#inForce('breaks', 'break_id')}) ARRAY JOIN member_side, member_sequence, member_ordinal ` +
      `WHERE state = 'writtenOff' AND ${this.#lanes.poolOf('member_side')} = ${own})`
    );
  }

  /** The legs of matches in force. */
  #legs(): string {
    const { partial } = this.#request;
    const inParts = partial.map((each) => this.#isRule(each));
    const otherwise = this.#otherwise();
    const inNet = partial.flatMap((each) =>
      each.net.map((side) => `(${this.#isRule(each)} AND leg_side = '${side}')`),
    );
    const flag = (conditions: readonly string[]): string =>
      conditions.length === 0 ? 'toUInt64(0)' : `toUInt64(${conditions.join(' OR ')})`;
    return (
      `SELECT epoch, partition, leg_sequence, leg_ordinal, ` +
      `${this.#lanes.poolOf('leg_side')}, toString(leg_side), ` +
      `if(leg_side = 'left' AND left_currency != '', toString(left_currency), toString(m.currency)), ` +
      `toString(leg_source), leg_id, toUInt64(0), toInt128(0), toInt128(0), toInt128(0), ` +
      `toUInt64(1), toInt128(leg_allocated) * (${this.#lanes.legSign('leg_side')}), ` +
      `${flag(inParts)}, ${flag(inNet)}, ${flag(otherwise)}, toUInt64(0), toUInt64(0) ` +
      `FROM (${this.#inForce('matches', 'match_id')}) AS m ` +
      `ARRAY JOIN leg_side, leg_sequence, leg_ordinal, leg_source, leg_id, leg_allocated WHERE state = 'matched'`
    );
  }

  #isRule({ reconciliation, rule }: { readonly reconciliation: string; readonly rule: string }): string {
    const [name, own] = [reconciliation, rule].map((text) => this.#filters.place('String', text));
    return `(reconciliation = ${name!} AND rule = ${own!})`;
  }

  /** Conditions under which a match compares something else than amounts. */
  #otherwise(): string[] {
    return this.#request.otherwise.map((each) => this.#isRule(each));
  }

  /** The members of breaks that are open, and of what was written off. */
  #members(): string {
    return (
      `SELECT epoch, partition, member_sequence, member_ordinal, ` +
      `${this.#lanes.poolOf('member_side')}, toString(member_side), '', ` +
      `toString(member_source), member_id, toUInt64(0), toInt128(0), toInt128(0), toInt128(0), ` +
      `toUInt64(0), toInt128(0), toUInt64(0), toUInt64(0), toUInt64(0), toUInt64(state = 'writtenOff'), toUInt64(state = 'open') ` +
      `FROM (${this.#inForce('breaks', 'break_id')}) ` +
      `ARRAY JOIN member_side, member_sequence, member_ordinal, member_source, member_id WHERE state IN ('writtenOff', 'open')`
    );
  }

  /** Each match in force with the sums of its sides and of its causes. */
  #summedMatches(): string {
    const sum = (side: Side): string =>
      `arraySum(arrayMap((s, a) -> if(s = '${side}', toInt128(a), toInt128(0)), leg_side, leg_allocated)) * ` +
      `(${this.#lanes.legSign(`'${side}'`)})`;
    return (
      `SELECT match_id, toString(m.currency) AS currency, toString(m.left_currency) AS left_currency, causes, ` +
      `${sum('left')} AS left_sum, ${sum('right')} AS right_sum, ` +
      `arraySum(arrayMap(v -> toInt128(v), mapValues(causes))) AS caused ` +
      `FROM (${this.#inForce('matches', 'match_id')}) AS m WHERE state = 'matched'` +
      this.#otherwise()
        .map((condition) => ` AND NOT ${condition}`)
        .join('')
    );
  }

  /** The latest version of each result of these reconciliations. Most have one version: only others are looked up. */
  #inForce(table: 'matches' | 'breaks', id: 'match_id' | 'break_id'): string {
    const names = this.#filters.place('Array(String)', [
      ...new Set(this.#request.lanes.map(({ reconciliation }) => reconciliation)),
    ]);
    const where = `reconciliation IN ${names} AND ${this.#before()}`;
    const from = `FROM ${this.#table(table)} WHERE ${where}`;
    return (
      `SELECT * ${from} AND (${id} NOT IN (SELECT ${id} ${from} AND version > 1) OR ` +
      `(${id}, version) IN (SELECT ${id}, max(version) ${from} AND version > 1 GROUP BY ${id}))`
    );
  }

  /** Whether no later record has taken this one's place. */
  #current(): string {
    const { amending, superseding } = this.#request;
    const parts = ['1'];
    if (amending.length > 0) {
      const sources = this.#filters.place('Array(String)', amending);
      parts.push(
        `(source NOT IN ${sources} OR (source, id, version) IN (SELECT source, id, max(version) ` +
          `FROM ${this.#table('records')} WHERE source IN ${sources} AND ${this.#before()} GROUP BY source, id))`,
      );
    }
    for (const { source, sources, keys } of superseding) {
      const texts = ['account', 'currency', ...keys.map((key) => this.#keyText(key))];
      const ranked = (which: string): string =>
        `SELECT ${PLACE}, (${texts.join(', ')}) AS key, row_number() OVER (PARTITION BY epoch, partition, key ORDER BY sequence, n) AS rank ` +
        `FROM ${this.#table('records')} WHERE ${which} AND ${texts.map((text) => `${text} != ''`).join(' AND ')} AND ${this.#before()}`;
      const interim = ranked(`source IN ${this.#filters.place('Array(String)', sources)}`);
      const final = ranked(`source = ${this.#filters.place('String', source)}`);
      parts.push(
        `(${PLACE}) NOT IN (SELECT i.epoch, i.partition, i.sequence, i.n FROM (${interim}) AS i INNER JOIN (${final}) AS f ` +
          `ON i.epoch = f.epoch AND i.partition = f.partition AND i.key = f.key AND i.rank = f.rank)`,
      );
    }
    return parts.join(' AND ');
  }

  #keyText(field: KeyField): string {
    if (field.startsWith('references.') || field.startsWith('attributes.')) {
      const map = field.startsWith('references.') ? '`references`' : '`attributes`';
      return `${map}[${this.#filters.place('String', field.slice(11))}]`;
    }
    const days: { readonly [name: string]: string } = {
      bookingDate: 'booking_date',
      valueDate: 'value_date',
      availableOn: 'available_on',
    };
    const day = days[field];
    if (day !== undefined) return `ifNull(toString(${day}), '')`;
    return field === 'time' ? 'toString(toUnixTimestamp64Milli(time))' : `toString(${field})`;
  }

  #before(): string {
    if (this.#end !== undefined) return this.#end;
    const { end } = this.#request;
    const f = this.#filters;
    if (end === undefined) this.#end = '1';
    else if ('before' in end)
      this.#end = `log_time < fromUnixTimestamp64Milli(${f.place('Int64', end.before)}, 'UTC')`;
    else {
      const { epoch, partition, sequence } = end.through;
      const here = `epoch = ${f.place('UInt32', epoch)} AND partition = ${f.place('UInt16', partition)} AND sequence <= ${f.place('UInt64', sequence)}`;
      // Other partitions are looked at up to the same moment of the log.
      const moment = `(SELECT max(log_time) FROM ${this.#table('records')} WHERE ${here})`;
      this.#end = `((${here}) OR (NOT (epoch = ${f.place('UInt32', epoch)} AND partition = ${f.place('UInt16', partition)}) AND log_time <= ${moment}))`;
    }
    return this.#end;
  }

  #table(name: 'records' | 'matches' | 'breaks'): string {
    return qualified(this.#database, name);
  }
}
