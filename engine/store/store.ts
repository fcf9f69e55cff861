import type {
  BreakFilter,
  BreakView,
  CarriedRecord,
  CommandFilter,
  CommandView,
  DeadLetterFilter,
  DeadLetterView,
  FeeFilter,
  FeeVariance,
  FindingKind,
  FindingView,
  LogEnd,
  MatchFilter,
  MatchView,
  OpenRecordsRequest,
  Page,
  PageRequest,
  Position,
  RecordFilter,
  RecordView,
  ResultQueries,
  ResultStore,
  RulesRequest,
  SourceBalance,
  StatementArrivals,
  StatementLane,
  StatementRequest,
  StatementSums,
  StoredPositions,
  StoredRules,
  TableName,
} from '../domain/index.ts';
import { carriedAt, recordsAt } from './carried.ts';
import { Conditions } from './conditions.ts';
import { Connection } from './connection.ts';
import { answersTo, latestVersion, recordsOf } from './details.ts';
import { openEmbedded } from './embedded.ts';
import { logEnds } from './log-ends.ts';
import { openRecords } from './open-records.ts';
import { migrate } from './migrations.ts';
import { DEFAULT_LIMITS, databaseName, retention, type StoreLimits, type StoreOptions } from './options.ts';
import { readPage, type List } from './pages.ts';
import { positionsAbove } from './positions.ts';
import { openRemote } from './remote.ts';
import { reportedFees } from './reported-fees.ts';
import { rollUp } from './rollups.ts';
import { deadLetterAt, listDeadLetters } from './dead-letters.ts';
import { storedRules } from './stored-rules.ts';
import { feeVariances } from './fee-variances.ts';
import { sourceBalances } from './source-balances.ts';
import { statementArrivals, statementSums } from './statement.ts';
import type { BreakRow, CommandRow, FindingRow, MatchRow, RecordRow } from './rows.ts';
import { breakView, commandView, findingView, matchView, recordView } from './views.ts';

const RECORDS: List<RecordRow, RecordView> = { table: 'records', view: recordView };
const MATCHES: List<MatchRow, MatchView> = { table: 'matches', id: 'match_id', view: matchView };
const BREAKS: List<BreakRow, BreakView> = { table: 'breaks', id: 'break_id', view: breakView };
const FINDINGS: List<FindingRow, FindingView> = { table: 'findings', view: findingView };
const COMMANDS: List<CommandRow, CommandView> = { table: 'commands', view: commandView };

/**
 * Opens the store of results: ClickHouse in this process or at an address, behind the same two ports. A remote one is
 * not contacted yet; `ping()` or `migrate()` do that.
 *
 * The process must be started with UV_THREADPOOL_SIZE of 16 or more for the embedded one, and must `close()` it
 * before it exits.
 * @throws CounterfoilError `invalidConfig`, `missingDependency`, `unreadableFile`, `storeRejected`
 */
export async function openStore(options: StoreOptions): Promise<ResultStore & ResultQueries> {
  const database = databaseName(options);
  const years = retention(options);
  const limits: StoreLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const backend =
    options.url === 'embedded'
      ? await openEmbedded(options.path ?? '.counterfoil/store', database, limits, options.logger)
      : openRemote(options, database, limits);
  return new ClickHouseStore(new Connection(backend, limits), database, years);
}

class ClickHouseStore implements ResultStore, ResultQueries {
  readonly #connection: Connection;
  readonly #database: string;
  readonly #retainYears: number | undefined;

  constructor(connection: Connection, database: string, retainYears: number | undefined) {
    this.#connection = connection;
    this.#database = database;
    this.#retainYears = retainYears;
  }

  async migrate(): Promise<void> {
    await migrate(this.#connection, this.#database, this.#retainYears);
  }

  async insert(table: TableName, chunks: readonly Uint8Array[], rows: number, token: string): Promise<void> {
    if (rows === 0) return;
    await this.#connection.insert({ table, chunks, token });
  }

  async settle(): Promise<void> {
    await this.#connection.settle();
  }

  async positionsAbove(
    table: TableName,
    epoch: number,
    partition: number,
    sequence: number,
    fromLogTime?: number,
  ): Promise<StoredPositions> {
    const from = { table, epoch, partition, sequence, fromLogTime };
    return positionsAbove(this.#connection, this.#database, from);
  }

  async rollup(minutes: readonly number[]): Promise<void> {
    await rollUp(this.#connection, this.#database, minutes);
  }

  async ping(): Promise<number> {
    const started = performance.now();
    await this.#connection.rows('ping', 'SELECT 1 AS one');
    return performance.now() - started;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async records(filter: RecordFilter): Promise<Page<RecordView>> {
    const conditions = new Conditions()
      .equal('source', 'String', filter.source)
      .equal('id', 'String', filter.id)
      .and('id IN {ids:Array(String)}', { ids: filter.ids })
      .and("link != '' AND link IN {links:Array(String)}", { links: filter.links })
      .equal('account', 'String', filter.account)
      .equal('kind', 'String', filter.kind)
      .equal('currency', 'String', filter.currency)
      .and('has(mapValues(`references`), {reference:String})', { reference: filter.reference })
      .within('time', filter.from, filter.to);
    return readPage(this.#connection, this.#database, RECORDS, conditions, filter);
  }

  async matches(filter: MatchFilter): Promise<Page<MatchView>> {
    const conditions = new Conditions()
      .equal('reconciliation', 'String', filter.reconciliation)
      .equal('rule', 'String', filter.rule)
      .equal('account', 'String', filter.account)
      .equal('currency', 'String', filter.currency)
      .and('has(leg_id, {recordId:String})', { recordId: filter.recordId })
      .and('hasAny(leg_id, {recordIds:Array(String)})', { recordIds: filter.recordIds })
      .within('log_time', filter.from, filter.to);
    const list = { ...MATCHES, whole: filter.whole === true };
    return readPage(this.#connection, this.#database, list, conditions, filter);
  }

  async breaks(filter: BreakFilter): Promise<Page<BreakView>> {
    const conditions = new Conditions()
      .equal('reconciliation', 'String', filter.reconciliation)
      .equal('kind', 'String', filter.kind)
      .equal('state', 'String', filter.state)
      .equal('account', 'String', filter.account)
      .equal('currency', 'String', filter.currency)
      .and('has(member_id, {recordId:String})', { recordId: filter.recordId })
      .and('hasAny(member_id, {recordIds:Array(String)})', { recordIds: filter.recordIds })
      .within('log_time', filter.from, filter.to);
    return readPage(this.#connection, this.#database, BREAKS, conditions, filter);
  }

  async findings(
    filter: PageRequest & { readonly kind?: FindingKind; readonly source?: string },
  ): Promise<Page<FindingView>> {
    const conditions = new Conditions()
      .equal('kind', 'String', filter.kind)
      .equal('source', 'String', filter.source);
    return readPage(this.#connection, this.#database, FINDINGS, conditions, filter);
  }

  async deadLetters(filter: DeadLetterFilter): Promise<Page<DeadLetterView>> {
    return listDeadLetters(this.#connection, this.#database, filter);
  }

  async deadLetter(position: string): Promise<DeadLetterView | undefined> {
    return deadLetterAt(this.#connection, this.#database, position);
  }

  async commands(filter: CommandFilter): Promise<Page<CommandView>> {
    const conditions = new Conditions()
      .equal('kind', 'String', filter.kind)
      .equal('by', 'String', filter.by)
      .equal('accepted', 'UInt8', filter.accepted === undefined ? undefined : Number(filter.accepted))
      .within('log_time', filter.from, filter.to);
    return readPage(this.#connection, this.#database, COMMANDS, conditions, filter);
  }

  async command(id: string): Promise<readonly CommandView[]> {
    return (await answersTo(this.#connection, this.#database, id)).map(commandView);
  }

  async recordsAt(places: readonly Position[]): Promise<readonly RecordView[]> {
    return recordsAt(this.#connection, this.#database, places);
  }

  async carriedAt(places: readonly Position[]): Promise<readonly CarriedRecord[]> {
    return carriedAt(this.#connection, this.#database, places);
  }

  async openRecords(request: OpenRecordsRequest): Promise<readonly CarriedRecord[]> {
    return openRecords(this.#connection, this.#database, request);
  }

  async rules(request: RulesRequest): Promise<StoredRules | undefined> {
    return storedRules(this.#connection, this.#database, request);
  }

  async statement(request: StatementRequest): Promise<StatementSums> {
    return statementSums(this.#connection, this.#database, request);
  }

  async arrivals(
    request: StatementRequest,
    stretch: Parameters<ResultQueries['arrivals']>[1],
  ): Promise<readonly StatementArrivals[]> {
    return statementArrivals(this.#connection, this.#database, request, stretch);
  }

  async balances(stretch: {
    readonly from?: number;
    readonly to?: number;
  }): Promise<readonly SourceBalance[]> {
    return sourceBalances(this.#connection, this.#database, stretch);
  }

  async feeVariances(filter: FeeFilter): Promise<readonly FeeVariance[]> {
    return feeVariances(this.#connection, this.#database, filter);
  }

  async reportedFees(lanes: readonly StatementLane[], filter: FeeFilter): Promise<number> {
    return reportedFees(this.#connection, this.#database, lanes, filter);
  }

  async logEnds(): Promise<readonly LogEnd[]> {
    return logEnds(this.#connection, this.#database);
  }

  async match(
    id: string,
  ): Promise<{ readonly match: MatchView; readonly records: readonly RecordView[] } | undefined> {
    const row = await latestVersion<MatchRow>(this.#connection, this.#database, 'matches', id);
    if (row === undefined) return undefined;
    const places = { result: row, sequences: row.leg_sequence, ordinals: row.leg_ordinal };
    return { match: matchView(row), records: await recordsOf(this.#connection, this.#database, places) };
  }

  async break(
    id: string,
  ): Promise<{ readonly break: BreakView; readonly records: readonly RecordView[] } | undefined> {
    const row = await latestVersion<BreakRow>(this.#connection, this.#database, 'breaks', id);
    if (row === undefined) return undefined;
    const places = { result: row, sequences: row.member_sequence, ordinals: row.member_ordinal };
    return { break: breakView(row), records: await recordsOf(this.#connection, this.#database, places) };
  }
}
