import { afterEach, describe, expect, test } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { ErrorCode, Translated } from '../../engine/domain/index.ts';
import { sortItems } from '../conformance/sorted-items.ts';
import { ProviderFailure } from '../contract/index.ts';
import type { FailureCategory, ProviderHttp, ProviderRequest } from '../contract/index.ts';
import { openSource } from './fixtures.ts';

const START_MS = Date.UTC(2026, 10, 22, 8);
const IBAN = 'AE070331234567890123456';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.close();
});

function statement(number: number): string {
  return `:20:R\n:25:${IBAN}\n:28C:${number}\n:60F:C261121AED0,\n:61:261122C${number},00NTRFREF//B${number}\n:62F:C261122AED${number},\n-\n`;
}

const at = (ms: number): string => new Date(ms).toISOString();
const ID = (number: number): string => `${IBAN}/${number}/2026-11-22/1`;

type Send = (request: ProviderRequest) => unknown;

/** Answers with texts, or with other values in JSON. */
const answering = (send: Send): ProviderHttp => ({
  fetch: () => Promise.reject(new Error('not by fetch')),
  async send(request) {
    await Promise.resolve();
    const body = send(request);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { status: 200, headers: {}, body: Buffer.from(text) };
  },
});

async function read(send: Send, more: object = {}): Promise<string[]> {
  const settings = { accounts: undefined, history: '1h', ...more };
  const { session, http } = openSource('http://127.0.0.1:9', () => START_MS, settings, answering(send));
  running.push(http);
  const items: Translated[] = [];
  for await (const page of session.polling!.pages(undefined, new AbortController().signal)) {
    items.push(...page.items);
  }
  const { records, dead } = sortItems(items);
  expect(dead).toEqual([]);
  return records.map(({ id }) => id);
}

/** Pages and contents by name or path. */
const bank =
  (answers: { readonly [path: string]: unknown }): Send =>
  ({ endpoint, path }) => {
    const url = new URL(path, 'http://bank');
    if (endpoint === 'token') return { access_token: 't', expires_in: 1799 };
    return answers[endpoint === 'list' ? (url.searchParams.get('page') ?? 'first') : url.pathname];
  };

describe('an answer may', () => {
  test('be the list itself, name no formats, and hold the statements', async () => {
    const item = (n: number) => ({ key: { of: n }, body: Buffer.from(statement(n)).toString('base64') });
    const more = {
      list: { items: '', id: 'key.of', content: 'body' },
      content: { encoding: 'base64' },
    };
    expect(await read(bank({ first: [item(1), item(2)] }), more)).toEqual([1, 2].map(ID));
  });

  test('hold the statement in JSON, and the next page as an address', async () => {
    const item = (id: string) => ({ id, format: 'MT940', availableAt: at(START_MS) });
    const answers = {
      first: { statements: [item('a')], next: 'https://bank/statements?from=x&page=p2' },
      p2: { statements: [item('b')], next: '/statements?page=p3' },
      p3: { statements: [item('c')], next: '' },
      '/statements/a/content': { data: { text: statement(1) } },
      '/statements/b/content': { data: { text: statement(2) } },
      '/statements/c/content': { data: { text: statement(3) } },
    };
    expect(await read(bank(answers), { content: { field: 'data.text' } })).toEqual([1, 2, 3].map(ID));
  });
});

describe('a token', () => {
  const failure = (code: ErrorCode, category: FailureCategory): CounterfoilError =>
    new CounterfoilError(code, 'bank', { cause: new ProviderFailure(category, 'bank') });

  /** @param problems what becomes of each request for a token, one after the other */
  async function ask(problems: readonly (CounterfoilError | undefined)[]) {
    const assertions: string[] = [];
    const send: Send = (request) => {
      if (request.endpoint !== 'token') return { statements: [] };
      expect(request).toMatchObject({ method: 'POST', path: '/oauth2/v1/token' });
      // A repetition would bring the same assertion, which is taken once.
      expect(request.isIdempotent).toBeUndefined();
      const form = new URLSearchParams(String(request.body));
      expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
      expect(form.get('scope')).toBe('swift.alliancecloud.api');
      assertions.push(form.get('assertion')!);
      const problem = problems[assertions.length - 1];
      if (problem !== undefined) throw problem;
      return { access_token: 't', expires_in: '1799' };
    };
    const error: unknown = await read(send).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { assertions, error };
  }

  test('is asked for by another assertion where nobody knows what became of the first', async () => {
    const lost = [failure('providerUnreachable', 'network'), failure('timeout', 'timeout')];
    const { assertions, error } = await ask([...lost, undefined]);
    expect(error).toBeUndefined();
    expect(new Set(assertions).size).toBe(3);
  });

  test('is given up after some, and at once where it is refused', async () => {
    const lost = failure('providerUnreachable', 'server');
    expect((await ask([lost, lost, lost, lost, undefined])).error).toBe(lost);
    const refused = failure('providerAuth', 'auth');
    const { assertions, error } = await ask([refused, undefined]);
    expect(assertions).toHaveLength(1);
    expect(error).toMatchObject({ code: 'providerAuth', cause: refused });
  });

  test('that is refused is our trouble, and not that of what was asked for', async () => {
    const { assertions, error } = await ask([failure('providerRefused', 'client'), undefined]);
    expect(assertions).toHaveLength(1);
    expect(error).toMatchObject({ code: 'providerAuth', disposition: 'retryable' });
    expect((error as Error).message).toContain('certificate');
  });

  test('that is none is an error of the same kind', async () => {
    await expect(read(() => ({ token: 'elsewhere' }))).rejects.toMatchObject({ code: 'providerAuth' });
    await expect(read(() => 'no JSON')).rejects.toMatchObject({ code: 'providerAuth' });
  });
});
