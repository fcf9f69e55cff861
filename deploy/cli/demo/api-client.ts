import { setTimeout as delay } from 'node:timers/promises';
import { CounterfoilError } from '../../../engine/domain/index.ts';

const REQUEST_MS = 30_000;
const ATTEMPTS = 5;
const PAGE = 1000;

/** The demo speaks to its own API as a gateway and a user would. */
export class ApiClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Posts records, again where the API asks for patience. @throws CounterfoilError when it is refused for good */
  async post(body: object): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(`${this.#url}/v1/records`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(REQUEST_MS),
      });
      const text = await answer.text();
      if (answer.ok) return;
      const patience = answer.status === 429 || answer.status === 503;
      if (!patience || attempt === ATTEMPTS) {
        throw new CounterfoilError(
          'internal',
          `the API answers ${answer.status} to a post: ${text.slice(0, 300)}`,
        );
      }
      await delay(attempt * 500);
    }
  }

  /** How many items a list has, page by page. */
  async count(path: string, query: { readonly [name: string]: string } = {}): Promise<number> {
    let total = 0;
    let cursor: string | undefined;
    do {
      const search = new URLSearchParams({
        ...query,
        limit: String(PAGE),
        ...(cursor === undefined ? {} : { cursor }),
      });
      const answer = await fetch(`${this.#url}${path}?${search.toString()}`, {
        signal: AbortSignal.timeout(REQUEST_MS),
      });
      if (!answer.ok)
        throw new CounterfoilError('internal', `the API answers ${answer.status} to GET ${path}`);
      const page = (await answer.json()) as { readonly items: readonly unknown[]; readonly next?: string };
      total += page.items.length;
      cursor = page.next;
    } while (cursor !== undefined);
    return total;
  }
}
