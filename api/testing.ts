import { pino } from 'pino';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { exponentOf, formatPosition, parseMinor, reconciliationSchema } from '../engine/domain/index.ts';
import type {
  BreakView,
  CarriedRecord,
  MatchView,
  Page,
  PageRequest,
  RecordView,
  ResultQueries,
  RuleSet,
} from '../engine/domain/index.ts';
import { createApp } from './app.ts';
import type { ApiApp } from './app.ts';
import type { ApiDeps, ApiMetrics, LiveResult } from './deps.ts';
import { deadLetterExample } from './schema/dead-letters.ts';
import { breakExample, findingExample, matchExample } from './schema/results.ts';
import { commandExample } from './schema/commands.ts';
import { recordExample } from './schema/records.ts';

/** A store in memory for tests of routing: filters as the real one does, pages by offset. */
export interface Stored {
  readonly records: readonly RecordView[];
  readonly matches: readonly MatchView[];
  readonly breaks: readonly BreakView[];
}

/** One reconciliation, as the examples speak of it. */
export const TEST_RULES: RuleSet = {
  reconciliations: [
    reconciliationSchema.parse({
      name: 'gateway-to-bank',
      left: { sources: ['gateway'] },
      right: { sources: ['bank'] },
      window: { before: '1h', after: '3d' },
      rules: [{ name: 'by-reference', keys: ['reference'], tolerance: { amount: '0.50' } }],
    }),
  ],
  sources: ['gateway', 'bank'].map((name) => ({
    name,
    outOfOrder: 0,
    idleTimeout: 60_000,
    onIdReuse: 'accept',
  })),
  partitionBy: ['account'],
  maxAhead: 172_800_000,
  seenHorizon: 604_800_000,
  maxOpenRecords: 1_000_000,
};

const STORED: Stored = {
  records: [0, 1, 2].map((n) => ({ ...recordExample, id: `pay_${n}`, position: `1-0-7-${n}` })),
  matches: [matchExample],
  breaks: [breakExample, { ...breakExample, breakId: '1-3-4802-0', kind: 'unmatched', state: 'resolved' }],
};

export function queriesOver(stored: Stored): ResultQueries {
  return {
    records: async ({ source, id, ids, links, account, kind, currency, reference, from, to, ...page }) =>
      pageOf(stored.records, page, (record) =>
        [
          matches(source, record.source),
          matches(id, record.id),
          ids?.includes(record.id) ?? true,
          links === undefined || links.includes(record.link ?? ''),
          matches(account, record.account),
          matches(kind, record.kind),
          matches(currency, record.currency),
          reference === undefined || Object.values(record.references).includes(reference),
          from === undefined || Date.parse(record.time) >= from,
          to === undefined || Date.parse(record.time) < to,
        ].every(Boolean),
      ),
    matches: async ({ reconciliation, rule, recordId, recordIds, ...page }) =>
      pageOf(stored.matches, page, (match) =>
        [
          matches(reconciliation, match.reconciliation),
          matches(rule, match.rule),
          recordId === undefined || match.legs.some((leg) => leg.id === recordId),
          recordIds === undefined || match.legs.some((leg) => recordIds.includes(leg.id)),
        ].every(Boolean),
      ),
    breaks: async ({ reconciliation, kind, state, recordIds, ...page }) =>
      pageOf(stored.breaks, page, (found) =>
        [
          matches(reconciliation, found.reconciliation),
          matches(kind, found.kind),
          matches(state, found.state),
          recordIds === undefined || found.members.some((member) => recordIds.includes(member.id)),
        ].every(Boolean),
      ),
    findings: async ({ source, ...page }) =>
      pageOf([findingExample], page, (finding) => matches(source, finding.source)),
    commands: async ({ kind, by, ...page }) =>
      pageOf([commandExample], page, (command) =>
        [matches(kind, command.kind), matches(by, command.by)].every(Boolean),
      ),
    command: async (id) => [commandExample].filter((command) => command.id === id),
    deadLetters: async ({ source, file, state, ...page }) =>
      pageOf([deadLetterExample], page, (letter) =>
        [matches(source, letter.source), matches(file, letter.file), matches(state, letter.state)].every(
          Boolean,
        ),
      ),
    deadLetter: async (position) => [deadLetterExample].find((letter) => letter.position === position),
    recordsAt: async (places) =>
      places.flatMap(({ epoch, partition, sequence, n }) =>
        stored.records.filter(({ position }) => position === formatPosition(epoch, partition, sequence, n)),
      ),
    carriedAt: async (places) =>
      places.flatMap(({ epoch, partition, sequence, n }) =>
        stored.records
          .filter(({ position }) => position === formatPosition(epoch, partition, sequence, n))
          .map((record) => carried(record, sequence, n)),
      ),
    openRecords: async () => [],
    rules: async () => undefined,
    statement: async () => ({ sides: [], matches: [], oddities: [] }),
    arrivals: async () => [],
    balances: async () => [],
    feeVariances: async () => [],
    reportedFees: async () => 0,
    logEnds: async () => [],
    match: async (id) => {
      const match = stored.matches.find(({ matchId }) => matchId === id);
      return match === undefined ? undefined : { match, records: stored.records };
    },
    break: async (id) => {
      const found = stored.breaks.find(({ breakId }) => breakId === id);
      return found === undefined ? undefined : { break: found, records: stored.records };
    },
  };
}

function carried(record: RecordView, sequence: number, ordinal: number): CarriedRecord {
  const { source, id, account, kind, status, currency, references, attributes } = record;
  const exponent = exponentOf(currency);
  return {
    ...{ source, id, sequence, ordinal, account, kind, status, currency, references, attributes },
    amount: Number(parseMinor(record.amount, exponent)),
    fee: Number(parseMinor(record.fee, exponent)),
    tax: Number(parseMinor(record.tax, exponent)),
    time: Date.parse(record.time),
    precision: 'instant',
    offsetMinutes: 0,
  };
}

function matches(wanted: string | undefined, value: string): boolean {
  return wanted === undefined || wanted === value;
}

function pageOf<T>(items: readonly T[], page: PageRequest, keep: (item: T) => boolean): Page<T> {
  const offset = Number(page.cursor ?? 0);
  const kept = items.filter(keep);
  const end = offset + page.limit;
  return { items: kept.slice(offset, end), ...(end < kept.length ? { next: String(end) } : {}) };
}

function testMetrics(): ApiMetrics {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    httpDuration: new Histogram({
      name: 'http_seconds',
      help: 'requests',
      labelNames: ['route', 'method', 'status'] as const,
      registers,
    }),
    liveClients: new Gauge({ name: 'live_clients', help: 'clients', registers }),
    liveMissed: new Counter({ name: 'live_missed_total', help: 'missed', registers }),
  };
}

/** An app over fakes, any of which a test can replace. `emit` plays the engine's announcements. */
export function testApp(changes: Partial<ApiDeps> = {}): {
  readonly app: ApiApp;
  readonly metrics: ApiMetrics;
  readonly emit: (result: LiveResult) => void;
  readonly listeners: () => number;
} {
  const listeners = new Set<(result: LiveResult) => void>();
  const metrics = testMetrics();
  const app = createApp({
    queries: queriesOver(STORED),
    ingest: async (_source, records) => ({ accepted: records.length, deadLetters: [] }),
    replay: async () => ({ state: 'replayed', records: 1, refused: [], others: 0 }),
    commands: {
      partitions: 4,
      epoch: async () => 1,
      append: async () => undefined,
      rules: () => ({ kind: 'rules', json: '{}', hash: '0' }),
    },
    rules: () => TEST_RULES,
    balanceSources: ['bank'],
    summaries: () => [],
    live: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    readiness: async () => ({ ready: true, checks: [] }),
    metrics,
    logger: pino({ level: 'silent' }),
    ...changes,
  });
  return {
    app,
    metrics,
    emit: (result) => listeners.forEach((listener) => listener(result)),
    listeners: () => listeners.size,
  };
}
