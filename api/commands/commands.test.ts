import { describe, expect, test } from 'vitest';
import { commandSchema, notUnmatched } from '../../engine/domain/index.ts';
import type { Command, CommandView, RecordView, ResultQueries } from '../../engine/domain/index.ts';
import type { ApiDeps } from '../deps.ts';
import { commandInputExamples } from '../schema/commands.ts';
import { recordExample } from '../schema/records.ts';
import { breakExample, matchExample } from '../schema/results.ts';
import { queriesOver, testApp } from '../testing.ts';
import type { CommandLog } from './submit.ts';

const RECORDS: RecordView[] = [
  recordExample,
  { ...recordExample, id: 'pay_1043', position: '1-3-4712-0' },
  { ...recordExample, source: 'bank', id: 'b4', position: '1-3-4721-0' },
  { ...recordExample, source: 'bank', id: 'b9', position: '1-3-4720-0' },
  // An id that was used again, and a record that was amended.
  { ...recordExample, id: 'twice', position: '1-3-4713-0' },
  { ...recordExample, id: 'twice', position: '1-3-4714-0' },
  { ...recordExample, id: 'amended', position: '1-3-4715-0', version: 1 },
  { ...recordExample, id: 'amended', position: '1-3-4716-0', version: 2 },
  { ...recordExample, id: 'elsewhere', position: '1-2-9-0' },
  { ...recordExample, id: 'long ago', position: '7-3-9-0' },
];
const WRITTEN_OFF = { ...breakExample, breakId: '1-3-4900-0', state: 'writtenOff' as const };

interface Setup {
  readonly answers?: readonly CommandView[];
  /** Why the log refuses what it is given, where it does. */
  readonly refusal?: string;
  /** How many looks it takes for the answers to be there. */
  readonly looks?: number;
  readonly log?: Partial<CommandLog>;
  readonly limits?: ApiDeps['limits'];
}

/** An app whose log answers what it is given: `sent` is what was appended. */
function desk({ answers, refusal, looks = 1, log = {}, limits = { commandMs: 500 } }: Setup = {}) {
  const sent: { partition: number; command: Command }[] = [];
  let looked = 0;
  const accepted = (): CommandView[] =>
    sent.map(({ partition, command }) => ({
      ...{ id: command.id, position: `1-${partition}-9-0`, kind: command.kind },
      ...{ accepted: refusal === undefined, reason: refusal ?? 'done' },
      ...{ by: command.by, why: command.why, logTime: '2026-11-22T10:00:00.000Z' },
    }));
  const queries: ResultQueries = {
    ...queriesOver({ records: RECORDS, matches: [matchExample], breaks: [breakExample, WRITTEN_OFF] }),
    command: async (id) => {
      if (sent.length === 0 && answers === undefined) return [];
      if (sent.length > 0 && ++looked < looks) return [];
      return (answers ?? accepted()).filter((each) => each.id === id);
    },
  };
  const { app } = testApp({
    queries,
    limits,
    commands: {
      partitions: 4,
      epoch: async () => 1,
      append: async (partition, command) => void sent.push({ partition, command }),
      rules: () => ({ kind: 'rules', json: '{"a":1}', hash: 'h' }),
      ...log,
    },
  });
  const post = (body: object): Response | Promise<Response> =>
    app.request('/v1/commands', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return { app, post, sent };
}

const who = { by: 'ana', why: 'seen on the statement' };
const pointer = (source: string, id: string, sequence: number) => ({ source, id, sequence, ordinal: 0 });

async function refused(answer: Response | Promise<Response>, status: number, detail: RegExp): Promise<void> {
  const response = await answer;
  expect(response.status).toBe(status);
  expect(((await response.json()) as { detail: string }).detail).toMatch(detail);
}

describe('POST /v1/commands', () => {
  test.each(Object.entries(commandInputExamples))(
    'sends a %s that the kernel understands',
    async (kind, body) => {
      const { post, sent } = desk();
      const answer = await post(body);
      expect(answer.status).toBe(200);
      expect(sent).toHaveLength(1);
      expect(sent[0]!.partition).toBe(3);
      const command = commandSchema.parse(JSON.parse(JSON.stringify(sent[0]!.command)));
      expect(command).toMatchObject({ kind, by: body.by, why: body.why });
    },
    10_000,
  );

  test('finds records by id, in their latest version, and by position', async () => {
    const { post, sent } = desk();
    const records = [{ source: 'gateway', id: 'amended' }, { position: '1-3-4721-0' }];
    expect((await post({ ...who, kind: 'match', reconciliation: 'r', records })).status).toBe(200);
    expect(sent[0]!.command).toMatchObject({
      records: [pointer('gateway', 'amended', 4716), pointer('bank', 'b4', 4721)],
    });
  });

  test('carries the records of an unmatched match and of a written-off break whole', async () => {
    const { post, sent } = desk();
    await post({ ...who, kind: 'unmatch', match: matchExample.matchId });
    expect(sent[0]!.command).toMatchObject({
      ...{
        reconciliation: 'gateway-to-bank',
        match: { sequence: 4720, n: 0 },
        version: 1,
        rule: 'by-reference',
      },
      records: [
        { side: 'left', record: { id: 'pay_1042', sequence: 4711, ordinal: 0, amount: 20_000, fee: 450 } },
        { side: 'right', record: { id: 'b9', sequence: 4720 } },
      ],
    });
    const again = desk();
    await again.post({ ...who, kind: 'reopen', break: WRITTEN_OFF.breakId });
    expect(again.sent[0]!.command).toMatchObject({
      kind: 'reopen',
      records: [
        { side: 'left', record: { id: 'pay_1043' } },
        { side: 'right', record: { id: 'b4' } },
      ],
    });
    expect(again.sent[0]!.command).not.toHaveProperty('match');
  });

  test('sends rules to every partition, and waits for all of them', async () => {
    const { post, sent } = desk();
    const answer = await post({ ...who, id: 'c-rules', kind: 'rules', rules: {} });
    expect(await answer.json()).toMatchObject({ id: 'c-rules', state: 'accepted', answers: { length: 4 } });
    expect(sent.map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
    expect(sent[3]!.command).toEqual({ ...who, id: 'c-rules', kind: 'rules', json: '{"a":1}', hash: 'h' });
  });

  test('is refused with the reason that the log gave', async () => {
    const reason = 'record b4 of bank is matched already';
    const answers = [{ ...view('c-1'), kind: 'writeOff' as const, accepted: false, reason }];
    const { post } = desk({ answers });
    const body = { ...who, kind: 'writeOff', reconciliation: 'r', records: [{ position: '1-3-4721-0' }] };
    const answer = await post({ ...body, id: 'c-1' });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({
      code: 'commandRefused',
      detail: 'record b4 of bank is matched already',
      id: 'c-1',
      answers,
    });
  });

  test('is refused with what became of a record, where the kernel has forgotten it', async () => {
    const refusal = `${notUnmatched({ source: 'bank', id: 'b9' })} in reconciliation "gateway-to-bank": forgotten`;
    const records = [{ source: 'bank', id: 'b9' }];
    const body = { ...who, kind: 'writeOff', reconciliation: 'gateway-to-bank', records };
    const says = /^record "b9" .* is not unmatched in .*: match 1-3-4720-0 has it$/;
    await refused(desk({ refusal }).post(body), 409, says);
    await refused(desk({ refusal: 'another reason' }).post(body), 409, /^another reason$/);
  });

  test('is 202 with a place to ask when no answer comes in time', async () => {
    const { post, sent } = desk({ looks: 1000, limits: { commandMs: 120 } });
    const answer = await post({ ...who, kind: 'unmatch', match: matchExample.matchId });
    expect(answer.status).toBe(202);
    const { id } = (await answer.json()) as { id: string };
    expect(answer.headers.get('location')).toBe(`/v1/commands/${id}`);
    expect(sent).toHaveLength(1);
  });

  test('sends nothing again under an id that was answered, and nothing else under it', async () => {
    const { post, sent } = desk({ answers: [view('c-1')] });
    const body = { ...who, id: 'c-1', kind: 'unmatch', match: matchExample.matchId };
    expect(await (await post(body)).json()).toMatchObject({ id: 'c-1', state: 'accepted' });
    await refused(
      post({ ...body, kind: 'reopen' }),
      409,
      /^command c-1 was a unmatch of .*; choose another id$/,
    );
    expect(sent).toEqual([]);
  });

  test('says what cannot be meant before it is sent', async () => {
    const { post, sent } = desk();
    const tie = (...records: object[]) => post({ ...who, kind: 'match', reconciliation: 'r', records });
    const gateway = (id: string, position?: string) => ({
      source: 'gateway',
      id,
      ...(position && { position }),
    });
    await refused(tie(gateway('nobody')), 404, /no record nobody of gateway/);
    await refused(tie({ position: '1-3-1-0' }), 404, /no record at 1-3-1-0/);
    await refused(tie(gateway('pay_1042', '1-3-4712-0')), 404, /no record pay_1042 of gateway at 1-3-4712-0/);
    await refused(
      tie(gateway('twice')),
      409,
      /used for 2 records; say which by position: 1-3-471\d-0, 1-3-471\d-0/,
    );
    await refused(tie(gateway('pay_1042'), gateway('elsewhere')), 409, /different partitions \(3 and 2\)/);
    await refused(tie(gateway('long ago')), 409, /life 7 of partition 3's stream, which is in life 1/);
    const broken = { ...who, kind: 'reopen', break: breakExample.breakId };
    await refused(post(broken), 409, /is open, not written off/);
    await refused(post({ ...broken, match: matchExample.matchId }), 400, /either match/);
    const why = { ...who, kind: 'assignReason', break: WRITTEN_OFF.breakId, reason: 'bank charges' };
    await refused(post(why), 409, /^break 1-3-4900-0 is written off; a reason is given to an open break$/);
    await refused(post({ ...who, kind: 'unmatch', match: '1-0-1-0' }), 404, /no match 1-0-1-0/);
    await refused(
      post({ kind: 'unmatch', match: '1-0-1-0', by: 'ana' }),
      400,
      /^body\.why: is missing, wants text$/,
    );
    await refused(
      post({ ...who, kind: 'forgive' }),
      400,
      /^body\.kind: found "forgive", wants one of match, adjust, unmatch, writeOff, reopen, assignReason, rules$/,
    );
    await refused(
      post({ ...who, kind: 'match', reconciliation: 'r', records: [{ source: 'gateway' }] }),
      400,
      /^body\.records\.0\.id: is missing, wants text$/,
    );
    expect(sent).toEqual([]);
  });

  test('refuses to unmatch what is unmatched, and what is not stored whole any more', async () => {
    const undone = { ...matchExample, state: 'unmatched' as const };
    const over = (
      records: readonly RecordView[],
      matches: readonly (typeof matchExample | typeof undone)[],
    ) =>
      testApp({ queries: queriesOver({ records, matches, breaks: [] }) }).app.request('/v1/commands', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...who, kind: 'unmatch', match: matchExample.matchId }),
      });
    await refused(over(RECORDS, [undone]), 409, /is undone already/);
    await refused(over(RECORDS.slice(0, 1), [matchExample]), 409, /has 2 records and only 1 of them/);
  });
});

function view(id: string): CommandView {
  return {
    ...{ id, position: '1-3-9-0', kind: 'unmatch', accepted: true, reason: 'undone', ...who },
    logTime: '2026-11-22T10:00:00.000Z',
  };
}

test('GET /v1/commands lists answers, and one by id', async () => {
  const { app } = desk({ answers: [view('c-1')] });
  const list = (await (await app.request('/v1/commands?kind=writeOff&accepted=true')).json()) as {
    items: unknown[];
  };
  expect(list.items).toHaveLength(1);
  expect((await app.request('/v1/commands?accepted=maybe')).status).toBe(400);
  expect(await (await app.request('/v1/commands/c-1')).json()).toEqual({
    ...{ id: 'c-1', state: 'accepted', answers: [view('c-1')] },
  });
  expect((await app.request('/v1/commands/c-2')).status).toBe(404);
  expect((await app.request('/v1/commands/%20')).status).toBe(400);
});
