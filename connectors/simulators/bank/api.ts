import type { Faults } from '../faults.ts';
import type { SimulatedAnswer, SimulatedRequest } from '../http-server.ts';
import type { BankBooks, Paper } from './books.ts';
import { refusal } from './oauth.ts';
import type { BankOAuth } from './oauth.ts';

const DEFAULT_LIMIT = 5;
const MAX_LIMIT = 100;

export interface BankApiOptions {
  readonly books: BankBooks;
  readonly oauth: BankOAuth;
  readonly faults: Faults;
  readonly now: () => number;
}

/** Answers requests for the list of papers and for their contents. */
export class BankApi {
  readonly #options: BankApiOptions;

  constructor(options: BankApiOptions) {
    this.#options = options;
  }

  async answer(request: SimulatedRequest): Promise<SimulatedAnswer> {
    const { oauth, books, now } = this.#options;
    const token = await oauth.answer(request);
    if (token !== undefined) return token;
    if (!oauth.isAllowed(request)) return refusal(401, 'invalid_token', 'The access token is not valid.');
    if (request.method !== 'GET') return refusal(405, 'invalid_request', 'Only reading is simulated.');
    books.settle(now());
    const [, statements, id, content, ...rest] = request.path.split('/');
    if (statements !== 'statements' || rest.length > 0) return refusal(404, 'not_found', 'There is nothing.');
    if (id === undefined) return this.#list(request.query);
    const paper = this.#visible().find((each) => each.id === decodeURIComponent(id));
    if (content !== 'content' || paper === undefined) {
      return refusal(404, 'not_found', 'There is no statement of this id.');
    }
    const type = paper.format.startsWith('camt') ? 'application/xml' : 'text/plain; charset=utf-8';
    return { status: 200, headers: { 'content-type': type }, body: paper.content };
  }

  /** Pages by position, so that a paper that shows up late moves those behind it under the reader. */
  #list(query: URLSearchParams): SimulatedAnswer {
    const { faults } = this.#options;
    const bounds = ['from', 'to'].map((name) => {
      const text = query.get(name);
      return text === null ? undefined : Date.parse(text);
    });
    if (bounds.some((ms) => Number.isNaN(ms))) return refusal(400, 'invalid_request', 'A time is ISO 8601.');
    const [fromMs = -Infinity, toMs = Infinity] = bounds;
    const limit = Number(query.get('limit') ?? DEFAULT_LIMIT);
    const start = Number(query.get('page') ?? 0);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT || !Number.isInteger(start)) {
      return refusal(400, 'invalid_request', `A page has 1 to ${MAX_LIMIT} statements.`);
    }
    const found = this.#visible().filter(({ madeMs }) => {
      const stated = madeMs + faults.skewMs;
      return stated >= fromMs && stated < toMs;
    });
    const end = start + limit;
    return {
      status: 200,
      body: JSON.stringify({
        statements: found.slice(start, end).map(({ id, format, iban, madeMs }) => ({
          id,
          format,
          account: iban,
          availableAt: new Date(madeMs + faults.skewMs).toISOString(),
        })),
        ...(end < found.length ? { next: String(end) } : {}),
      }),
    };
  }

  #visible(): readonly Paper[] {
    const { books, faults, now } = this.#options;
    return books.papers.filter(({ id, madeMs }) => madeMs + faults.listLagMs(id) <= now());
  }
}
