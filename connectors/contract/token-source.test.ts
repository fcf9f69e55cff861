import { describe, expect, it, vi } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { ProviderFailure, Secret, TokenSource } from './index.ts';
import type { AccessToken } from './index.ts';

interface Setup {
  readonly tokens: TokenSource;
  readonly clock: { now: number };
  readonly fetchToken: ReturnType<typeof vi.fn<(key: string, signal: AbortSignal) => Promise<AccessToken>>>;
}

/** Tokens `t1`, `t2`, … that live for 300 s, as N-Genius gives them. */
function setup(lifeMs = 300_000): Setup {
  const clock = { now: 0 };
  let count = 0;
  const fetchToken = vi.fn<(key: string, signal: AbortSignal) => Promise<AccessToken>>(async () => ({
    token: new Secret(`t${++count}`),
    lifeMs,
  }));
  const tokens = new TokenSource({
    fetchToken,
    now: () => clock.now,
    signal: new AbortController().signal,
  });
  return { tokens, clock, fetchToken };
}

function refusal(status: number): CounterfoilError {
  return new CounterfoilError('providerAuth', 'refused', {
    cause: new ProviderFailure('auth', 'refused', { status }),
  });
}

async function tick(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('a source of tokens', () => {
  it('fetches once for everyone who asks', async () => {
    const { tokens, fetchToken } = setup();
    const got = await Promise.all([tokens.token(), tokens.token(), tokens.token()]);
    got.push(await tokens.token());
    expect(got.map((each) => each.reveal())).toEqual(['t1', 't1', 't1', 't1']);
    expect(fetchToken).toHaveBeenCalledTimes(1);
  });

  it('keeps those of several keys apart', async () => {
    const { tokens } = setup();
    expect((await tokens.token('a')).reveal()).toBe('t1');
    expect((await tokens.token('b')).reveal()).toBe('t2');
    expect((await tokens.token('a')).reveal()).toBe('t1');
  });

  it('renews ahead of the end, once, while the old one still serves', async () => {
    const { tokens, clock, fetchToken } = setup();
    await tokens.token();
    clock.now = 239_999;
    await tokens.token();
    expect(fetchToken).toHaveBeenCalledTimes(1);
    clock.now = 240_000;
    const both = await Promise.all([tokens.token(), tokens.token()]);
    expect(both.map((each) => each.reveal())).toEqual(['t1', 't1']);
    await tick();
    expect((await tokens.token()).reveal()).toBe('t2');
    expect(fetchToken).toHaveBeenCalledTimes(2);
  });

  it('never gives one that has expired', async () => {
    const { tokens, clock } = setup();
    await tokens.token();
    clock.now = 300_000;
    expect((await tokens.token()).reveal()).toBe('t2');
  });

  it('goes on with the old one when a renewal fails, and tries again after a pause', async () => {
    const { tokens, clock, fetchToken } = setup();
    await tokens.token();
    fetchToken.mockRejectedValueOnce(new Error('down'));
    clock.now = 250_000;
    expect((await tokens.token()).reveal()).toBe('t1');
    await tick();
    clock.now = 254_999;
    await tokens.token();
    expect(fetchToken).toHaveBeenCalledTimes(2);
    clock.now = 255_000;
    await tokens.token();
    await tick();
    expect((await tokens.token()).reveal()).toBe('t2');
  });

  it('keeps no failure', async () => {
    const { tokens, fetchToken } = setup();
    fetchToken.mockRejectedValueOnce(new Error('down'));
    await expect(Promise.all([tokens.token(), tokens.token()])).rejects.toThrow('down');
    expect((await tokens.token()).reveal()).toBe('t1');
  });

  it.each([Number.NaN, -1, 0])(
    'gives a token of life %s to those who wait, and to no one after',
    async (life) => {
      const { tokens } = setup(life);
      expect((await tokens.token()).reveal()).toBe('t1');
      expect((await tokens.token()).reveal()).toBe('t2');
    },
  );

  it('lets one go who gives up, without the others', async () => {
    const { tokens, fetchToken } = setup();
    let deliver: (token: AccessToken) => void = () => undefined;
    fetchToken.mockImplementationOnce(() => new Promise((resolve) => (deliver = resolve)));
    const abort = new AbortController();
    const [first, second] = [tokens.token('', abort.signal), tokens.token()];
    abort.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    deliver({ token: new Secret('t'), lifeMs: 1000 });
    expect((await second).reveal()).toBe('t');
  });
});

describe('a call with a token', () => {
  it('is made once more with a new one, when the provider refuses it', async () => {
    const { tokens } = setup();
    const seen: string[] = [];
    const result = await tokens.withToken(async (token) => {
      seen.push(token.reveal());
      if (seen.length === 1) throw refusal(401);
      return 'ok';
    });
    expect(result).toBe('ok');
    expect(seen).toEqual(['t1', 't2']);
  });

  it.each([
    ['the new one is refused too', 401, 2],
    ['the key may not do it', 403, 1],
  ])('fails when %s', async (_name, status, calls) => {
    const { tokens } = setup();
    const call = vi.fn(async () => {
      throw refusal(status);
    });
    await expect(tokens.withToken(call)).rejects.toMatchObject({ code: 'providerAuth' });
    expect(call).toHaveBeenCalledTimes(calls);
  });

  it('by many at once that are all refused fetches one new token', async () => {
    const { tokens, fetchToken } = setup();
    const call = async (token: Secret): Promise<string> => {
      await tick();
      if (token.reveal() === 't1') throw refusal(401);
      return token.reveal();
    };
    const got = await Promise.all(Array.from({ length: 10 }, () => tokens.withToken(call)));
    expect(new Set(got)).toEqual(new Set(['t2']));
    expect(fetchToken).toHaveBeenCalledTimes(2);
  });
});
