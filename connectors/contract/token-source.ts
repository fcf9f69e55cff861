import { LRUCache } from 'lru-cache';
import type { Secret } from './secret.ts';
import { abortable } from './abortable.ts';
import { failureOf } from './provider-failure.ts';

/** How many tokens are kept: one for each account or scope of a source, and most sources have one. */
const MAX_TOKENS = 64;
/** A token is renewed when this part of its life is left, */
const AHEAD_OF_LIFE = 0.2;
/** and no earlier than this before its end. */
const MAX_AHEAD_MS = 60_000;
/** After a renewal ahead of time failed, the next is tried no sooner. */
const RENEWAL_PAUSE_MS = 5_000;

/** What a provider's token endpoint gave. */
export interface AccessToken {
  readonly token: Secret;
  /** How long it is valid from when it was asked for: `expires_in`, in milliseconds. */
  readonly lifeMs: number;
}

export interface TokenSourceOptions {
  /** Asks the provider for a token. The signal aborts with {@link signal}, whoever waits. */
  fetchToken(key: string, signal: AbortSignal): Promise<AccessToken>;
  /** Epoch milliseconds. */
  now(): number;
  /** Aborts when the source is closed. */
  readonly signal: AbortSignal;
}

interface HeldToken {
  readonly token: Secret;
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

interface Entry {
  held?: HeldToken;
  /** The request that is under way, which everyone who needs the token waits for. */
  fetching?: Promise<HeldToken> | undefined;
  noRenewalBeforeMs: number;
}

/**
 * Access tokens that are fetched once for all who need them, renewed before they expire while the old one still
 * serves, and thrown away when the provider refuses them.
 */
export class TokenSource {
  readonly #options: TokenSourceOptions;
  readonly #entries = new LRUCache<string, Entry>({ max: MAX_TOKENS });

  constructor(options: TokenSourceOptions) {
    this.#options = options;
  }

  /**
   * A token that is valid now.
   * @param key which one: an account or scope, where a source has several
   * @throws what `fetchToken` throws; whatever `signal` is aborted with
   */
  async token(key = '', signal?: AbortSignal): Promise<Secret> {
    const entry = this.#entry(key);
    const now = this.#options.now();
    const { held } = entry;
    if (held !== undefined && now < held.expiresAtMs) {
      if (now >= held.renewAtMs && now >= entry.noRenewalBeforeMs) this.#renewAhead(key, entry);
      return held.token;
    }
    const fetched = await abortable(this.#fetch(key, entry), signal);
    return fetched.token;
  }

  /** Forgets a token that the provider refused. Another one that took its place meanwhile stays. */
  invalidate(refused: Secret, key = ''): void {
    const entry = this.#entries.get(key);
    if (entry?.held?.token === refused) delete entry.held;
  }

  /**
   * Makes a call with a token. If the provider refuses it (401), the call is made once more with a new one.
   * @param call must throw what `ProviderHttp.send` threw
   */
  async withToken<T>(call: (token: Secret) => Promise<T>, key = '', signal?: AbortSignal): Promise<T> {
    const token = await this.token(key, signal);
    try {
      return await call(token);
    } catch (error) {
      if (failureOf(error)?.status !== 401) throw error;
      this.invalidate(token, key);
      return await call(await this.token(key, signal));
    }
  }

  #entry(key: string): Entry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { noRenewalBeforeMs: 0 };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #renewAhead(key: string, entry: Entry): void {
    this.#fetch(key, entry).catch(() => {
      // The token at hand is valid still; whoever comes when it is not gets the error.
      entry.noRenewalBeforeMs = this.#options.now() + RENEWAL_PAUSE_MS;
    });
  }

  #fetch(key: string, entry: Entry): Promise<HeldToken> {
    entry.fetching ??= this.#ask(key, entry).finally(() => (entry.fetching = undefined));
    return entry.fetching;
  }

  async #ask(key: string, entry: Entry): Promise<HeldToken> {
    const askedMs = this.#options.now();
    const { token, lifeMs } = await this.#options.fetchToken(key, this.#options.signal);
    // What is no number is taken as no life at all: the token serves those who wait for it, and no one after them.
    const life = Number.isFinite(lifeMs) ? Math.max(0, lifeMs) : 0;
    const expiresAtMs = askedMs + life;
    const held: HeldToken = {
      token,
      expiresAtMs,
      renewAtMs: expiresAtMs - Math.min(MAX_AHEAD_MS, life * AHEAD_OF_LIFE),
    };
    entry.held = held;
    return held;
  }
}
