import { describe, expect, test } from 'vitest';
import { formatMinor, parseMinor } from '../../engine/domain/index.ts';
import type { BreakView, MatchView, RecordView } from '../../engine/domain/index.ts';
import { breakExample } from '../schema/results.ts';
import { queriesOver, testApp } from '../testing.ts';
import { TRACE_LIMITS, traceRecord, type Trace } from './trace.ts';

let sequence = 0;

function record(
  source: string,
  id: string,
  kind: RecordView['kind'],
  amount: string,
  more: Partial<RecordView> = {},
): RecordView {
  const fee = more.fee ?? '0.00';
  const net = formatMinor(parseMinor(amount, 2) - parseMinor(fee, 2), 2);
  sequence += 1;
  return {
    ...{ position: `1-0-${sequence}-0`, source, id, account: 'a', kind, status: 'booked', currency: 'AED' },
    ...{ amount, fee, tax: '0.00', net, references: {}, attributes: {} },
    time: new Date(Date.UTC(2026, 10, 20) + sequence * 1000).toISOString(),
    logTime: '2026-11-20T00:00:00.000Z',
    ...more,
  };
}

function match(reconciliation: string, left: readonly RecordView[], right: readonly RecordView[]): MatchView {
  sequence += 1;
  const leg = (side: 'left' | 'right') => (each: RecordView) => ({
    ...{ side, source: each.source, id: each.id, record: each.position, allocated: each.amount },
  });
  return {
    ...{
      matchId: `1-0-${sequence}-1`,
      version: 1,
      state: 'matched',
      reconciliation,
      rule: 'by-key',
      fields: [],
    },
    ...{ account: 'a', currency: 'AED', difference: '0.00', causes: {}, lagMs: 0 },
    legs: [...left.map(leg('left')), ...right.map(leg('right'))],
    logTime: '2026-11-20T00:00:00.000Z',
  };
}

// A life over three payouts, and the order that it began with.
const c1 = record('gateway', 'c1', 'charge', '100.00', { fee: '3.00' });
const order = record('shop', '1002', 'ledger', '50.00');
const c2 = record('gateway', 'c2', 'charge', '50.00', { fee: '1.50' });
const p1 = record('gateway', 'P1', 'payout', '-145.50');
const b1 = record('bank', 'b1', 'bank', '145.50', { valueDate: '2026-11-21' });
const c3 = record('gateway', 'c3', 'charge', '80.00', { fee: '2.40' });
const r1 = record('gateway', 'r1', 'refund', '-40.00', { link: 'c1' });
const d1 = record('gateway', 'd1', 'chargeback', '-50.00', { fee: '60.00', link: 'c2' });
const p2 = record('gateway', 'P2', 'payout', '72.40');
const b2 = record('bank', 'b2', 'bank', '-72.40');
const c4 = record('gateway', 'c4', 'charge', '200.00', { fee: '6.00' });
const w1 = record('gateway', 'w1', 'chargebackReversal', '50.00', { link: 'c2' });
const p3 = record('gateway', 'P3', 'payout', '-244.00');
const LIFE = [c1, order, c2, p1, b1, c3, r1, d1, p2, b2, c4, w1, p3];
const MATCHES = [
  match('orders', [order], [c2]),
  match('payouts', [c1, c2], [p1]),
  match('payouts', [c3, r1, d1], [p2]),
  match('payouts', [c4, w1], [p3]),
  match('bank', [p1], [b1]),
  match('bank', [p2], [b2]),
];
const WAITING: BreakView = {
  ...breakExample,
  reconciliation: 'bank',
  kind: 'unmatched',
  why: { rule: 'by-key', condition: 'noCounterpart' },
  members: [{ side: 'left', source: 'gateway', id: 'P3', record: p3.position, amount: '-244.00' }],
};
const QUERIES = queriesOver({ records: LIFE, matches: MATCHES, breaks: [WAITING] });

const ids = ({ hops }: Trace): string[] => hops.map((hop) => hop.record.id);

describe('a trace', () => {
  test('of a disputed charge has its whole life and what it comes to', async () => {
    const trace = await traceRecord(c2, QUERIES);
    expect(trace.chains).toHaveLength(1);
    expect(trace.chains[0]).toMatchObject({ source: 'gateway', currency: 'AED', net: '-11.50' });
    expect(trace.chains[0]!.records.map(({ id, net }) => [id, net])).toEqual([
      ['c2', '48.50'],
      ['d1', '-110.00'],
      ['w1', '50.00'],
    ]);
    expect(ids(trace).sort()).toEqual(['1002', 'P1', 'P2', 'P3', 'b1', 'b2', 'c2', 'd1', 'w1']);
    expect(trace.truncated).toBe(false);
  });

  test('leads from an order through gateway and payout to the bank, in one line', async () => {
    const { inBank, hops } = await traceRecord(order, QUERIES);
    expect(inBank).toEqual({
      answer: 'yes',
      line: `yes: shop 1002 (50.00 AED) reached the bank as bank b1 (145.50 AED) on 2026-11-21, through gateway c2 (50.00 AED) and gateway P1 (-145.50 AED) (match ${MATCHES[4]!.matchId})`,
    });
    expect(hops.find(({ record: { id } }) => id === 'b1')).toMatchObject({
      depth: 3,
      by: 'match',
      from: p1.position,
    });
  });

  test('says how far the money has come where it is not in the bank, and what broke', async () => {
    expect((await traceRecord(w1, QUERIES)).inBank).toEqual({
      answer: 'no',
      line: `no: gateway w1 (50.00 AED) is matched as far as gateway P3 (-244.00 AED), which broke in bank (unmatched, noCounterpart; break ${WAITING.breakId})`,
    });
    const alone = queriesOver({ records: [c1], matches: [], breaks: [] });
    expect((await traceRecord(c1, alone)).inBank.line).toBe('no: gateway c1 (100.00 AED) is not matched yet');
    // The refund's payout reached the bank; that is another record's answer.
    const refundOnly = queriesOver({ records: LIFE, matches: MATCHES.slice(2), breaks: [] });
    expect((await traceRecord(c1, refundOnly)).inBank.answer).toBe('no');
  });

  test('goes back from the bank to what a payout was made of, and not to the siblings of a record', async () => {
    expect(ids(await traceRecord(b1, QUERIES))).toEqual(expect.arrayContaining(['P1', 'c1', 'c2', '1002']));
    expect(ids(await traceRecord(c2, QUERIES))).not.toContain('c1');
    expect((await traceRecord(b1, QUERIES)).inBank.line).toBe(
      "bank b1 (145.50 AED) is the bank's own record",
    );
  });

  test('is bounded in depth, records and legs, and says so', async () => {
    for (const limits of [{ depth: 1 }, { records: 3 }, { perMatch: 1 }]) {
      const trace = await traceRecord(b1, QUERIES, { ...TRACE_LIMITS, ...limits });
      expect(trace.truncated, JSON.stringify(limits)).toBe(true);
      expect(trace.hops.length).toBeLessThan((await traceRecord(b1, QUERIES)).hops.length);
    }
  });

  test('leaves undone matches out', async () => {
    const undone = MATCHES.map((each) => ({ ...each, state: 'unmatched' as const }));
    const trace = await traceRecord(p1, queriesOver({ records: LIFE, matches: undone, breaks: [] }));
    expect(ids(trace)).toEqual(['P1']);
  });
});

describe('GET /v1/records/{id}/trace', () => {
  const twin = record('other', 'c1', 'ledger', '1.00');
  const amended = record('gateway', 'c2', 'charge', '55.00', { version: 2 });
  const { app } = testApp({
    queries: queriesOver({ records: [...LIFE, twin, amended], matches: MATCHES, breaks: [] }),
  });

  test('finds a record by id, or by source and id, in its latest version', async () => {
    const answer = await app.request('/v1/records/d1/trace');
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as Trace).record.id).toBe('d1');
    for (const path of ['/v1/records/c2/trace?source=gateway', '/v1/records/gateway/c2/trace'])
      expect(((await (await app.request(path)).json()) as Trace).record.amount).toBe('55.00');
  });

  test('asks which source is meant, and says when there is none', async () => {
    const several = await app.request('/v1/records/c1/trace');
    expect(several.status).toBe(400);
    expect(await several.json()).toMatchObject({
      detail: 'records of gateway, other have the id c1; say which with source=',
    });
    expect((await app.request('/v1/records/nobody/trace')).status).toBe(404);
    expect((await app.request('/v1/records/bank/c2/trace')).status).toBe(404);
  });
});
