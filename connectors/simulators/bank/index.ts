import { NO_FAULTS } from '../faults.ts';
import type { Faults } from '../faults.ts';
import { startSimulatedServer } from '../http-server.ts';
import type { Simulator } from '../play.ts';
import { BankApi } from './api.ts';
import { BankBooks, PAPER_FORMATS } from './books.ts';
import type { PaperFormat } from './books.ts';
import { PaperFolder } from './folder.ts';
import { BankOAuth, TOKEN_PATH, refusal } from './oauth.ts';
import type { Consumer } from './oauth.ts';

export { BANK_ZONE, factsOf, ibanOf, localDay, startOfLocalDay } from './accounts.ts';
export type { Consumer } from './oauth.ts';

export interface BankSimulatorOptions {
  /** Simulated time, epoch milliseconds. */
  readonly now: () => number;
  /** Whom the API serves; without it there is none to be let in. */
  readonly consumer?: Consumer;
  /** Where files are put, in a folder for each format; without it none are. */
  readonly directory?: string;
  /** Which of them. Default: all. */
  readonly formats?: readonly PaperFormat[];
  readonly faults?: Faults;
  /** Real milliseconds; see SimulatedServerOptions. */
  readonly hangMs?: number;
}

/** The bank of a scenario's merchants: statements as files, and by an API on a free port of this machine. */
export interface BankSimulator extends Simulator {
  /** Base URL of the API. */
  readonly url: string;
  /** Requests to the API so far. */
  readonly requests: number;
  /** Tokens that were given so far. */
  readonly tokens: number;
  flush(): Promise<void>;
}

const NOBODY: Consumer = { key: '', secret: '', certificate: '', subject: '', scope: '' };

export async function startBank(options: BankSimulatorOptions): Promise<BankSimulator> {
  const { now, directory, consumer = NOBODY, formats = PAPER_FORMATS, faults = NO_FAULTS, hangMs } = options;
  const books = new BankBooks();
  const audience = (): string => server.url.replace(/^http:\/\//, '') + TOKEN_PATH;
  const oauth = new BankOAuth({ consumer, audience, faults, now });
  const api = new BankApi({ books, oauth, faults, now });
  const folder = directory === undefined ? undefined : new PaperFolder({ directory, formats, faults });
  const delivered = new Set<string>();
  const server = await startSimulatedServer({
    answer: (request) => api.answer(request),
    refuse: (status) =>
      status === 429
        ? refusal(429, 'too_many_requests', 'There are too many requests.')
        : refusal(500, 'server_error', 'Something went wrong.'),
    faults,
    now,
    ...(hangMs === undefined ? {} : { hangMs }),
  });
  return {
    url: server.url,
    get requests() {
      return server.requests;
    },
    get tokens() {
      return oauth.given;
    },
    get nextDueMs() {
      const due = [books.nextDueMs, folder?.nextDueMs].filter((ms) => ms !== undefined);
      return due.length === 0 ? undefined : Math.min(...due);
    },
    apply(happening) {
      if (happening.type === 'bankLine') books.add(happening.line);
    },
    async flush() {
      books.settle(now());
      for (const paper of books.papers) {
        if (folder === undefined || delivered.has(paper.id)) continue;
        delivered.add(paper.id);
        folder.add(paper);
      }
      await folder?.flush(now());
    },
    close: () => server.close(),
  };
}
