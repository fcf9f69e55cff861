import { connect } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { BreakView, MatchView, PartitionSummary } from '../engine/domain/index.ts';
import { startServer } from '../engine/server/index.ts';
import type { RunningServer } from '../engine/server/index.ts';
import { breakExample, findingExample, matchExample } from './schema/results.ts';
import { testApp } from './testing.ts';
import type { ApiDeps } from './deps.ts';

interface SentEvent {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: { readonly [name: string]: unknown };
}

const servers: RunningServer[] = [];
const clients: AbortController[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.abort();
  await Promise.all(servers.splice(0).map((server) => server.close(200)));
});

async function serve(changes: Partial<ApiDeps> = {}) {
  const made = testApp(changes);
  const server = await startServer({ section: 'api', app: made.app });
  servers.push(server);
  return { ...made, server };
}

/** Connects an event stream over a real socket and collects what comes. */
async function listen(url: string, headers: { [name: string]: string } = {}) {
  const abort = new AbortController();
  clients.push(abort);
  const response = await fetch(url, { headers, signal: abort.signal });
  const events: SentEvent[] = [];
  const comments: string[] = [];
  let ended = false;
  const reading = (async () => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
        if (fields.has('event')) {
          const data = JSON.parse(fields.get('data')!) as SentEvent['data'];
          events.push({ type: fields.get('event')!, id: fields.get('id'), data });
        } else {
          comments.push(fields.get('') ?? '');
        }
      }
    }
    ended = true;
  })().catch(() => (ended = true));
  return { response, events, comments, reading, ended: () => ended, abort };
}

const matchNumber = (n: number, reconciliation = 'gateway-to-bank'): MatchView => ({
  ...matchExample,
  reconciliation,
  matchId: `1-0-${n}-0`,
});

describe('GET /v1/live', () => {
  test('sends results as events, with their type, id and object', async () => {
    const { server, emit } = await serve();
    const client = await listen(`${server.url}/v1/live`);
    expect(client.response.headers.get('content-type')).toContain('text/event-stream');
    emit({ type: 'match', result: matchExample });
    emit({ type: 'break', result: breakExample });
    emit({ type: 'finding', result: findingExample });
    await vi.waitFor(() => expect(client.events).toHaveLength(4));
    expect(client.events[0]?.type).toBe('summary');
    expect(client.events.slice(1)).toEqual([
      { type: 'match', id: matchExample.matchId, data: matchExample },
      { type: 'break', id: breakExample.breakId, data: breakExample },
      { type: 'finding', id: findingExample.position, data: findingExample },
    ]);
  });

  test('filters by type and reconciliation; findings belong to none', async () => {
    const { server, emit } = await serve();
    const one = await listen(`${server.url}/v1/live?types=match,finding&reconciliation=wanted`);
    const two = await listen(`${server.url}/v1/live?types=break`);
    emit({ type: 'match', result: matchNumber(1, 'other') });
    emit({ type: 'match', result: matchNumber(2, 'wanted') });
    emit({ type: 'finding', result: findingExample });
    emit({ type: 'break', result: breakExample });
    await vi.waitFor(() => expect([one.events.length, two.events.length]).toEqual([2, 1]));
    expect(one.events.map(({ type, id }) => [type, id])).toEqual([
      ['match', '1-0-2-0'],
      ['finding', findingExample.position],
    ]);
    expect(two.events[0]?.type).toBe('break');
  });

  test('sums summaries and sends them at most once a second', async () => {
    const part: PartitionSummary = {
      partition: 0,
      sequence: 3,
      logTime: 1_795_195_800_000,
      watermark: null,
      records: 7,
      duplicates: 0,
      unrouted: 0,
      findings: 0,
      deadLetters: 0,
      open: 0,
      reconciliations: [],
    };
    const { server, emit } = await serve({ summaries: () => [part, { ...part, partition: 1 }] });
    const client = await listen(`${server.url}/v1/live?types=summary`);
    for (let i = 0; i < 50; i++) emit({ type: 'summary', result: part });
    await vi.waitFor(() => expect(client.events).toHaveLength(2), { timeout: 3000 });
    expect(client.events.map(({ data }) => (data['totals'] as { records: number }).records)).toEqual([
      14, 14,
    ]);
  });

  test('a client that comes back is told that nothing is repeated', async () => {
    const { server } = await serve();
    const client = await listen(`${server.url}/v1/live?types=match`, { 'Last-Event-ID': '1-0-5-0' });
    await vi.waitFor(() => expect(client.events).toHaveLength(1));
    expect(client.events[0]).toMatchObject({ type: 'gap', data: { missed: null } });
  });

  test('results that passed undecoded are a gap', async () => {
    const { server, emit } = await serve();
    const client = await listen(`${server.url}/v1/live?types=match`);
    emit({ type: 'missed', count: 17 });
    emit({ type: 'match', result: matchNumber(1) });
    await vi.waitFor(() => expect(client.events).toHaveLength(2));
    expect(client.events[0]).toMatchObject({ type: 'gap', data: { missed: 17 } });
  });

  test('an idle stream gets heartbeats', async () => {
    const { server } = await serve({ limits: { liveHeartbeatMs: 30 } });
    const client = await listen(`${server.url}/v1/live?types=match`);
    await vi.waitFor(() =>
      expect(client.comments.filter((text) => text === 'heartbeat').length).toBeGreaterThan(2),
    );
    expect(client.events).toEqual([]);
  });

  test('takes a limited number of clients, and another when one leaves', async () => {
    const { server, listeners, metrics } = await serve({ limits: { liveClients: 2 } });
    expect(listeners()).toBe(0);
    const first = await listen(`${server.url}/v1/live`);
    await listen(`${server.url}/v1/live`);
    const third = await fetch(`${server.url}/v1/live`);
    expect(third.status).toBe(429);
    expect(third.headers.get('retry-after')).toBe('1');
    expect(((await third.json()) as { code: string }).code).toBe('overloaded');
    expect((await metrics.liveClients.get()).values[0]?.value).toBe(2);
    first.abort.abort();
    await vi.waitFor(async () => expect((await metrics.liveClients.get()).values[0]?.value).toBe(1));
    expect((await listen(`${server.url}/v1/live`)).response.status).toBe(200);
    expect(listeners()).toBe(1);
  });

  test('nobody connected: nobody listens to the feed', async () => {
    const { server, listeners } = await serve();
    const client = await listen(`${server.url}/v1/live`);
    expect(listeners()).toBe(1);
    client.abort.abort();
    await vi.waitFor(() => expect(listeners()).toBe(0));
  });
});

describe('a client that does not read', () => {
  /** A raw connection that asks for the stream and then reads nothing until told. */
  async function stuckClient(server: RunningServer) {
    const socket = connect(server.port, server.host);
    socket.pause();
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    socket.write('GET /v1/live?types=break HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return socket;
  }
  const big: BreakView = { ...breakExample, account: 'a'.repeat(10_000) };

  test('is told how much it missed once it reads again, and delays nobody', async () => {
    const { server, emit, metrics, listeners } = await serve({
      limits: { liveBacklogEvents: 100, liveBacklogBytes: 64 * 1024 },
    });
    const quick = await listen(`${server.url}/v1/live?types=break`);
    const socket = await stuckClient(server);
    await vi.waitFor(async () => expect((await metrics.liveClients.get()).values[0]?.value).toBe(2));
    expect(listeners()).toBe(1);

    const total = 3000;
    for (let sent = 0; sent < total; sent += 5) {
      for (let i = 0; i < 5; i++) emit({ type: 'break', result: big });
      await vi.waitFor(() => expect(quick.events.length).toBe(sent + 5), { interval: 1 });
    }
    expect(quick.events.every(({ type }) => type === 'break')).toBe(true);

    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.resume();
    await vi.waitFor(() => expect(received).toContain('event: gap'), { timeout: 5000 });
    const missed = Number(/event: gap\ndata: \{"missed":(\d+)/.exec(received)?.[1]);
    const got = received.split('event: break').length - 1;
    // What it did get lay in the sockets of both ends and in its backlog.
    expect(missed).toBeGreaterThan(total / 4);
    expect(got + missed).toBe(total);
    expect((await metrics.liveMissed.get()).values[0]?.value).toBe(missed);
    // After the gap it goes on.
    emit({ type: 'break', result: { ...breakExample, breakId: '1-0-999-0' } });
    await vi.waitFor(() => expect(received).toContain('id: 1-0-999-0'));
    socket.destroy();
  });

  test('is disconnected when it takes nothing for too long', async () => {
    const { server, emit, metrics } = await serve({ limits: { liveHeartbeatMs: 20, liveStallMs: 200 } });
    const socket = await stuckClient(server);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await vi.waitFor(async () => expect((await metrics.liveClients.get()).values[0]?.value).toBe(1));
    // The sockets of both ends take some megabytes before the client is seen to stand still.
    const talking = setInterval(() => {
      for (let i = 0; i < 20; i++) emit({ type: 'break', result: big });
    }, 1);
    await vi.waitFor(async () => expect((await metrics.liveClients.get()).values[0]?.value).toBe(0), {
      timeout: 5000,
    });
    clearInterval(talking);
    socket.on('error', () => undefined);
    socket.resume();
    await closed;
  });
});

describe('closing', () => {
  test('ends live streams at once and lets a running request finish', async () => {
    let finish = (): void => undefined;
    const running = new Promise<void>((resolve) => (finish = resolve));
    const { server } = await serve({
      ingest: async () => {
        await running;
        return { accepted: 1, deadLetters: [] };
      },
    });
    const client = await listen(`${server.url}/v1/live`);
    const post = fetch(`${server.url}/v1/records`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"source":"gateway","records":[{}]}',
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = server.close(5000);
    await vi.waitFor(() => expect(client.ended()).toBe(true));
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow();
    finish();
    expect((await post).status).toBe(200);
    const started = performance.now();
    await closed;
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('cuts what does not finish within the grace', async () => {
    const { server } = await serve({ ingest: () => new Promise(() => undefined) });
    const post = fetch(`${server.url}/v1/records`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"source":"gateway","records":[{}]}',
    });
    const failed = expect(post).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const started = performance.now();
    await Promise.all([server.close(150), server.close(150), failed]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('startServer', () => {
  test('a port in use is one clear line', async () => {
    const { server, app } = await serve();
    await expect(startServer({ section: 'api', app, port: server.port })).rejects.toMatchObject({
      code: 'portInUse',
      message: expect.stringMatching(
        new RegExp(`^port ${server.port} on 127\\.0\\.0\\.1 is used by another program; .*api\\.port.*$`),
      ) as string,
    });
  });

  test('an address of another machine is one clear line', async () => {
    const { app } = testApp();
    await expect(startServer({ section: 'api', app, host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'invalidConfig',
      message: expect.stringContaining('192.0.2.1 is no address of this machine') as string,
    });
  });

  test('listens on loopback, and leaves the global Request and Response alone', async () => {
    const [request, response] = [globalThis.Request, globalThis.Response];
    const { server } = await serve();
    expect(server.host).toBe('127.0.0.1');
    expect([globalThis.Request, globalThis.Response]).toEqual([request, response]);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });
});
