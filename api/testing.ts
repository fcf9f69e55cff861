import { pino } from 'pino';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type {
  BreakView,
  MatchView,
  Page,
  PageRequest,
  RecordView,
  ResultQueries,
} from '../engine/domain/index.ts';
import { createApp } from './app.ts';
import type { ApiApp } from './app.ts';
import type { ApiDeps, ApiMetrics, LiveResult } from './deps.ts';
import { breakExample, deadLetterExample, findingExample, matchExample } from './schema/results.ts';
import { recordExample } from './schema/records.ts';

/** A store in memory for tests of routing: filters as the real one does, pages by offset. */
export interface Stored {
  readonly records: readonly RecordView[];
  readonly matches: readonly MatchView[];
  readonly breaks: readonly BreakView[];
}

const STORED: Stored = {
  records: [0, 1, 2].map((n) => ({ ...recordExample, id: `pay_${n}`, position: `1-0-7-${n}` })),
  matches: [matchExample],
  breaks: [breakExample, { ...breakExample, breakId: '1-3-4802-0', kind: 'unmatched', state: 'resolved' }],
};

export function queriesOver(stored: Stored): ResultQueries {
  return {
    records: async ({ source, id, account, kind, currency, reference, from, to, ...page }) =>
      pageOf(stored.records, page, (record) =>
        [
          matches(source, record.source),
          matches(id, record.id),
          matches(account, record.account),
          matches(kind, record.kind),
          matches(currency, record.currency),
          reference === undefined || Object.values(record.references).includes(reference),
          from === undefined || Date.parse(record.time) >= from,
          to === undefined || Date.parse(record.time) < to,
        ].every(Boolean),
      ),
    matches: async ({ reconciliation, rule, recordId, ...page }) =>
      pageOf(stored.matches, page, (match) =>
        [
          matches(reconciliation, match.reconciliation),
          matches(rule, match.rule),
          recordId === undefined || match.legs.some((leg) => leg.id === recordId),
        ].every(Boolean),
      ),
    breaks: async ({ reconciliation, kind, state, ...page }) =>
      pageOf(stored.breaks, page, (found) =>
        [
          matches(reconciliation, found.reconciliation),
          matches(kind, found.kind),
          matches(state, found.state),
        ].every(Boolean),
      ),
    findings: async ({ source, ...page }) =>
      pageOf([findingExample], page, (finding) => matches(source, finding.source)),
    deadLetters: async ({ source, ...page }) =>
      pageOf([deadLetterExample], page, (letter) => matches(source, letter.source)),
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
