import { afterEach, describe, expect, test } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import { sortItems } from '../conformance/sorted-items.ts';
import { ProviderFailure } from '../contract/index.ts';
import type { JsonValue, ProviderHttp, ProviderRequest } from '../contract/index.ts';
import { keptCursor, openSource } from './fixtures.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 10, 22, 8);
const IBAN = 'AE070331234567890123456';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.close();
});

interface Listed {
  readonly id?: string;
  readonly format?: string;
  readonly availableAt: string;
  /** The number of its account's statement; or that it is listed and not there. */
  readonly number: number | 'gone' | 'forbidden';
}

function statement(number: number): string {
  return `:20:R\n:25:${IBAN}\n:28C:${number}\n:60F:C261121AED0,\n:61:261122C${number},00NTRFREF//B${number}\n:62F:C261122AED${number},\n-\n`;
}

/** A bank that lists what it is given, two on a page, and keeps what it was asked. */
class Bank implements ProviderHttp {
  readonly listed: Listed[] = [];
  readonly asked: string[] = [];
  tokens = 0;
  refusesToken = false;
  failsAt: string | undefined;
  readonly fetch = (): Promise<Response> => Promise.reject(new Error('not by fetch'));

  async send(request: ProviderRequest) {
    await Promise.resolve();
    const url = new URL(request.path, 'http://bank');
    const answer = (body: string) => ({ status: 200, headers: {}, body: Buffer.from(body) });
    if (request.endpoint === 'token') {
      this.tokens++;
      return answer(JSON.stringify({ access_token: `token-${this.tokens}`, expires_in: '1799' }));
    }
    this.asked.push(decodeURIComponent(url.pathname + url.search));
    if (this.refusesToken && request.headers?.['authorization'] === 'Bearer token-1') {
      throw failure('providerAuth', 'auth', 401);
    }
    if (url.pathname === this.failsAt) throw failure('providerUnreachable', 'server', 503);
    if (request.endpoint === 'content') {
      const id = decodeURIComponent(url.pathname.split('/')[2]!);
      const found = this.listed.find((each) => each.id === id)!;
      if (found.number === 'gone') throw failure('providerRefused', 'client', 404);
      if (found.number === 'forbidden') throw failure('providerAuth', 'auth', 403);
      return answer(statement(found.number));
    }
    const from = url.searchParams.get('from')!;
    const to = url.searchParams.get('to') ?? '9';
    const all = this.listed.filter(({ availableAt }) => availableAt >= from && availableAt < to);
    const start = Number(url.searchParams.get('page') ?? 0);
    const statements = all
      .slice(start, start + 2)
      .map(({ id, format = 'MT940', availableAt }) => ({ id, format, availableAt }));
    return answer(JSON.stringify({ statements, ...(start + 2 < all.length ? { next: start + 2 } : {}) }));
  }

  /** Ids of the contents that were asked for since the last time. */
  takeContents(): string[] {
    const contents = this.asked
      .filter((path) => path.endsWith('/content'))
      .map((path) => path.split('/')[2]!);
    this.asked.length = 0;
    return contents;
  }
}

function failure(
  code: 'providerAuth' | 'providerUnreachable' | 'providerRefused',
  category: 'auth' | 'server' | 'client',
  status: number,
): CounterfoilError {
  const cause = new ProviderFailure(category, 'bank', { status });
  return new CounterfoilError(code, `bank: ${status}`, { cause });
}

/** A source at a bank, its cursor, and its clock. */
function connect(bank: Bank, more: object = {}) {
  let nowMs = START_MS;
  let cursor: JsonValue | undefined;
  const opening = () => {
    const opened = openSource('http://127.0.0.1:9', () => nowMs, { accounts: undefined, ...more }, bank);
    running.push(opened.http);
    return opened;
  };
  let opened = opening();
  return {
    pass: (ms: number) => (nowMs += ms),
    crash: () => (opened = opening()),
    get notices() {
      return opened.notices;
    },
    get cursor() {
      return cursor;
    },
    /** One round. @param stopAfter items, when the process is killed: what they came with is not in the cursor */
    async poll(stopAfter = Infinity) {
      const items: Translated[] = [];
      for await (const page of opened.session.polling!.pages(cursor, new AbortController().signal)) {
        items.push(...page.items);
        if (items.length >= stopAfter) break;
        if (page.cursor !== undefined) cursor = keptCursor(page.cursor);
      }
      return sortItems(items);
    },
  };
}

const at = (ms: number): string => new Date(ms).toISOString();
const idsOf = ({ records }: ReturnType<typeof sortItems>): string[] => records.map(({ id }) => id);
const ID = (number: number): string => `${IBAN}/${number}/2026-11-22/1`;

describe('a round of polling', () => {
  test('reads what is listed, page by page, and what is new the next time', async () => {
    const bank = new Bank();
    for (const number of [1, 2, 3])
      bank.listed.push({ id: `s${number}`, availableAt: at(START_MS - 1000), number });
    const source = connect(bank);
    expect(idsOf(await source.poll())).toEqual([1, 2, 3].map(ID));
    expect(bank.takeContents()).toEqual(['s1', 's2', 's3']);
    source.pass(3_600_000);
    bank.listed.push({ id: 's4', availableAt: at(START_MS), number: 4 });
    expect(idsOf(await source.poll())).toEqual([ID(4)]);
    expect(bank.takeContents()).toEqual(['s4']);
    // Neither a restart nor a day makes it read them again.
    source.crash();
    expect(idsOf(await source.poll())).toEqual([]);
    source.pass(5 * DAY_MS);
    expect(idsOf(await source.poll())).toEqual([]);
    expect(bank.takeContents()).toEqual([]);
  });

  test('lists the last stretch again, for what shows up late', async () => {
    const bank = new Bank();
    const source = connect(bank, { overlap: '2h' });
    await source.poll();
    source.pass(60_000);
    bank.listed.push({ id: 'late', availableAt: at(START_MS - 7_100_000), number: 1 });
    bank.listed.push({ id: 'too late', availableAt: at(START_MS - 7_300_000), number: 2 });
    expect(idsOf(await source.poll())).toEqual([ID(1)]);
  });

  test('gives the same ids for a statement that comes twice, and for one that was read before a crash', async () => {
    const bank = new Bank();
    bank.listed.push({ id: 'a', availableAt: at(START_MS - 2), number: 1 });
    bank.listed.push({ id: 'b', availableAt: at(START_MS - 1), number: 1 });
    const source = connect(bank);
    expect(idsOf(await source.poll(1))).toEqual([ID(1)]);
    expect(source.cursor).toMatchObject({ seen: [] });
    source.crash();
    expect(idsOf(await source.poll())).toEqual([ID(1), ID(1)]);
  });

  test('reads a statement again that is listed with something else about it', async () => {
    const bank = new Bank();
    const item = { id: 'a', availableAt: at(START_MS - 2), number: 1 };
    bank.listed.push(item);
    const source = connect(bank);
    await source.poll();
    bank.listed[0] = { ...item, availableAt: at(START_MS - 1) };
    expect(idsOf(await source.poll())).toEqual([ID(1)]);
  });

  test('moves the cursor window by window, and leaves the last one open', async () => {
    const bank = new Bank();
    for (const days of [20, 12, 1])
      bank.listed.push({ id: `s${days}`, availableAt: at(START_MS - days * DAY_MS), number: days });
    const source = connect(bank, { history: '21d', window: '7d' });
    bank.failsAt = '/statements/s12/content';
    await expect(source.poll()).rejects.toMatchObject({ code: 'providerUnreachable' });
    expect(source.cursor).toMatchObject({ through: START_MS - 14 * DAY_MS });
    bank.failsAt = undefined;
    bank.takeContents();
    expect(idsOf(await source.poll())).toEqual([12, 1].map(ID));
    expect(source.cursor).toMatchObject({ through: START_MS });
    expect(
      bank.asked.filter((path) => path.startsWith('/statements?') && !path.includes('to=')),
    ).toHaveLength(1);
  });

  test('asks for a new token where one is refused, and only then', async () => {
    const bank = new Bank();
    bank.listed.push({ id: 'a', availableAt: at(START_MS - 2), number: 1 });
    const source = connect(bank);
    await source.poll();
    await source.poll();
    expect(bank.tokens).toBe(1);
    bank.refusesToken = true;
    await source.poll();
    expect(bank.tokens).toBe(2);
  });

  test('list by days, with no end', async () => {
    const bank = new Bank();
    await connect(bank, { history: '30d', list: { times: 'day', to: '' } }).poll();
    expect(bank.asked[0]).toBe('/statements?from=2026-10-23');
    expect(bank.asked.every((path) => !path.includes('to='))).toBe(true);
  });
});

describe('what cannot be read', () => {
  test.each(['gone', 'forbidden'] as const)(
    'a statement that is %s is waited for, and others go on',
    async (number) => {
      const bank = new Bank();
      bank.listed.push({ id: 'gone', availableAt: at(START_MS - 2000), number });
      bank.listed.push({ id: 'a', availableAt: at(START_MS - 1000), number: 1 });
      const source = connect(bank, { overlap: '1h', giveUp: '3d' });
      expect(idsOf(await source.poll())).toEqual([ID(1)]);
      source.pass(2 * DAY_MS);
      const waited = await source.poll();
      expect([waited.records, waited.dead]).toEqual([[], []]);
      expect(bank.takeContents()).toEqual(['gone', 'a', 'gone']);
      bank.listed[0] = { ...bank.listed[0]!, number: 2 };
      expect(idsOf(await source.poll())).toEqual([ID(2)]);
    },
  );

  test('and is one dead letter in the end', async () => {
    const bank = new Bank();
    bank.listed.push({ id: 'gone', availableAt: at(START_MS - 20 * DAY_MS), number: 'gone' });
    const source = connect(bank, { giveUp: '1h' });
    expect((await source.poll()).dead).toEqual([]);
    source.pass(3_599_000);
    source.crash();
    expect((await source.poll()).dead).toEqual([]);
    source.pass(1000);
    const { dead } = await source.poll();
    expect(dead).toMatchObject([
      {
        code: 'malformedStatement',
        origin: { file: 'statements/gone' },
        payload: expect.stringContaining('"gone"') as string,
      },
    ]);
    expect((await source.poll()).dead).toEqual([]);
  });

  test('items without id are a dead letter each, once', async () => {
    const bank = new Bank();
    bank.listed.push(
      { availableAt: at(START_MS - 2), number: 1 },
      { availableAt: at(START_MS - 1), number: 2 },
    );
    const source = connect(bank);
    expect((await source.poll()).dead.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('no id at id (list.id)'),
      expect.stringContaining('no id at id (list.id)'),
    ]);
    expect((await source.poll()).dead).toEqual([]);
  });

  test('formats that the source does not read are passed over, which is told once', async () => {
    const bank = new Bank();
    bank.listed.push({ id: 'a', format: 'MT942', availableAt: at(START_MS - 2), number: 1 });
    bank.listed.push({ id: 'b', format: 'EOD', availableAt: at(START_MS - 1), number: 2 });
    bank.listed.push({ id: 'c', format: 'MT942', availableAt: at(START_MS - 1), number: 3 });
    const source = connect(bank, { formatNames: { EOD: 'mt940' } });
    expect(idsOf(await source.poll())).toEqual([ID(2)]);
    expect(source.notices).toEqual([expect.stringContaining('MT942')]);
  });

  test('an answer without a list is an error of the contract', async () => {
    await expect(connect(new Bank(), { list: { items: 'elsewhere' } }).poll()).rejects.toMatchObject({
      code: 'providerContract',
      message: expect.stringContaining('list.items') as string,
    });
  });

  test('and so is a list whose pages are all the first one', async () => {
    const bank = new Bank();
    for (const n of [1, 2, 3]) bank.listed.push({ id: `a${n}`, availableAt: at(START_MS - 1), number: n });
    await expect(connect(bank, { list: { page: 'other' } }).poll()).rejects.toMatchObject({
      code: 'providerContract',
      message: expect.stringContaining('list.page') as string,
    });
  });
});
