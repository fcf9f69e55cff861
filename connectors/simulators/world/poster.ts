import { Pool } from 'undici';
import type { PostedWebhook } from '../webhook-sender.ts';

/** As many as a large provider keeps open to one endpoint. */
const CONNECTIONS = 256;
const ANSWER_MS = 15_000;

/** Posts webhooks over connections that are kept open. */
export class Poster {
  readonly #pool: Pool;
  posted = 0;

  /** @param url such as `http://127.0.0.1:8090` */
  constructor(url: string) {
    this.#pool = new Pool(url, {
      connections: CONNECTIONS,
      bodyTimeout: ANSWER_MS,
      headersTimeout: ANSWER_MS,
    });
  }

  /** @returns the status; rejects where nobody answers */
  async post(source: string, { headers, body }: PostedWebhook): Promise<number> {
    this.posted++;
    const answer = await this.#pool.request({ method: 'POST', path: `/webhooks/${source}`, headers, body });
    await answer.body.dump();
    return answer.statusCode;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
