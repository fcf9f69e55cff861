import { X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { Faults } from '../faults.ts';
import type { SimulatedAnswer, SimulatedRequest } from '../http-server.ts';
import { tokenOf } from '../seeded.ts';

/** What a consumer of the bank's APIs was registered with. */
export interface Consumer {
  readonly key: string;
  readonly secret: string;
  /** PEM. */
  readonly certificate: string;
  /** The certificate's distinguished name, as it was registered. */
  readonly subject: string;
  readonly scope: string;
}

export interface BankOAuthOptions {
  readonly consumer: Consumer;
  /** What assertions have to be made out to: the token endpoint without its scheme. */
  readonly audience: () => string;
  readonly faults: Faults;
  readonly now: () => number;
}

export const TOKEN_PATH = '/oauth2/v1/token';
const REVOKE_PATH = '/oauth2/v1/revoke';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TOKEN_LIFE_S = 1799;
const REFRESH_LIFE_S = 86_399;
/** How far the clocks of a consumer may be off, seconds, and how long an assertion may be good for. */
const CLOCK_TOLERANCE_S = 60;
const LONGEST_ASSERTION_S = 3600;
/** Requests that a token serves that ends before its time. */
const EARLY_END = 3;
/** Tokens and assertions that are remembered. */
const MAX_REMEMBERED = 10_000;

/** SWIFT's OAuth: a signed assertion and a consumer's secret for a token of half an hour, each assertion once. */
export class BankOAuth {
  readonly #options: BankOAuthOptions;
  readonly #tokens = new Map<string, { readonly expiresMs: number; requestsLeft: number }>();
  /** Of assertions that gave a token. */
  readonly #used = new Set<string>();
  #given = 0;

  constructor(options: BankOAuthOptions) {
    this.#options = options;
  }

  /** How many tokens were given. */
  get given(): number {
    return this.#given;
  }

  /** Answers what is asked of the OAuth endpoints; undefined for other requests. */
  async answer(request: SimulatedRequest): Promise<SimulatedAnswer | undefined> {
    if (request.path !== TOKEN_PATH && request.path !== REVOKE_PATH) return undefined;
    if (request.method !== 'POST') return refusal(405, 'invalid_request', 'Tokens are asked for by POST.');
    const type = String(request.headers['content-type'] ?? '').split(';')[0];
    if (type !== 'application/x-www-form-urlencoded') {
      return refusal(400, 'invalid_request', 'The body has to be a form.');
    }
    const { key, secret } = this.#options.consumer;
    const basic = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
    if (request.headers['authorization'] !== basic) {
      return refusal(401, 'invalid_client', 'The consumer key or secret is wrong.');
    }
    const form = new URLSearchParams(request.body);
    if (request.path === REVOKE_PATH) {
      this.#tokens.delete(form.get('token') ?? '');
      return { status: 200, body: '' };
    }
    return this.#token(form);
  }

  /** Whether a request has a token that is valid now. */
  isAllowed({ headers }: SimulatedRequest): boolean {
    const sent = String(headers['authorization'] ?? '');
    const token = this.#tokens.get(sent.startsWith('Bearer ') ? sent.slice('Bearer '.length) : '');
    return token !== undefined && token.expiresMs > this.#options.now() && token.requestsLeft-- > 0;
  }

  async #token(form: URLSearchParams): Promise<SimulatedAnswer> {
    const { consumer, faults, now } = this.#options;
    if (form.get('grant_type') !== GRANT) {
      return refusal(400, 'unsupported_grant_type', `The grant type has to be ${GRANT}.`);
    }
    if (form.get('scope') !== consumer.scope) return refusal(400, 'invalid_scope', 'The scope is not known.');
    const problem = await this.#problemOf(form.get('assertion') ?? '');
    if (problem !== undefined) return refusal(400, 'invalid_grant', problem);
    const token = tokenOf(28, 'token', ++this.#given);
    this.#tokens.set(token, {
      expiresMs: now() + TOKEN_LIFE_S * 1000,
      requestsLeft: faults.expiresEarly(token) ? EARLY_END : Infinity,
    });
    if (this.#tokens.size > MAX_REMEMBERED) this.#tokens.delete(this.#tokens.keys().next().value!);
    return {
      status: 200,
      body: JSON.stringify({
        access_token: token,
        token_type: 'Bearer',
        expires_in: String(TOKEN_LIFE_S),
        refresh_token: tokenOf(28, 'refresh', this.#given),
        refresh_token_expires_in: String(REFRESH_LIFE_S),
      }),
    };
  }

  /** What is wrong with an assertion. */
  async #problemOf(assertion: string): Promise<string | undefined> {
    const { consumer, audience, faults, now } = this.#options;
    const registered = new X509Certificate(consumer.certificate);
    try {
      const [sent] = decodeProtectedHeader(assertion).x5c ?? [];
      if (sent === undefined) return 'The header of the assertion has no certificate (x5c).';
      const certificate = new X509Certificate(Buffer.from(sent, 'base64'));
      if (!certificate.raw.equals(registered.raw))
        return 'The certificate is not the one that was registered.';
      const { payload } = await jwtVerify(assertion, certificate.publicKey, {
        algorithms: ['RS256'],
        audience: audience(),
        issuer: consumer.key,
        subject: consumer.subject,
        requiredClaims: ['iat', 'exp', 'jti'],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(now() + faults.skewMs),
      });
      if (payload.exp! - payload.iat! > LONGEST_ASSERTION_S) return 'The assertion is good for too long.';
      if (this.#used.has(payload.jti!)) return 'The assertion was used before (jti).';
      this.#used.add(payload.jti!);
      if (this.#used.size > MAX_REMEMBERED) this.#used.delete(this.#used.values().next().value!);
      return undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError) return `The assertion is refused: ${error.message}.`;
      return 'The assertion cannot be read.';
    }
  }
}

/** An error in the form of RFC 6749. */
export function refusal(status: number, error: string, description: string): SimulatedAnswer {
  return { status, body: JSON.stringify({ error, error_description: description }) };
}
