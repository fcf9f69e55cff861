import { existsSync } from 'node:fs';
import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import { loadConfig } from '../../../engine/config/index.ts';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import { DEFAULT_CONFIG } from '../default-config.ts';

const REQUEST_MS = 60_000;

/** An answer of the API that is no problem, or the problem that a caller asked to see. */
export interface ApiAnswer<T> {
  readonly status: number;
  readonly body: T;
}

/** A problem document as far as a client reads it. */
export interface Problem {
  readonly detail?: string;
  readonly code?: string;
}

/** The API as the command line speaks to it. */
export class Api {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/+$/, '');
  }

  /** @throws CounterfoilError with what the API says, or that it does not answer */
  async get<T>(path: string, query: Readonly<{ [name: string]: string | undefined }> = {}): Promise<T> {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const search = given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
    return (await this.#call<T>(`${path}${search}`, { method: 'GET' }, [])).body;
  }

  /** @param expected statuses of problems that the caller handles itself */
  async post<T>(path: string, body: object, expected: readonly number[] = []): Promise<ApiAnswer<T>> {
    const headers = { 'content-type': 'application/json' };
    return this.#call<T>(path, { method: 'POST', headers, body: JSON.stringify(body) }, expected);
  }

  async #call<T>(path: string, request: RequestInit, expected: readonly number[]): Promise<ApiAnswer<T>> {
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(`${this.#url}${path}`, { ...request, signal: AbortSignal.timeout(REQUEST_MS) });
      text = await answer.text();
    } catch (error) {
      const cause =
        error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new CounterfoilError(
        'timeout',
        `no API answers at ${this.#url} (${cause}); start one with counterfoil up, or say where it is with --url`,
        { cause: error },
      );
    }
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      throw new CounterfoilError(
        'internal',
        `what answers at ${this.#url} is no Counterfoil API: it sent no JSON`,
      );
    }
    if (!answer.ok && !expected.includes(answer.status)) {
      const { detail } = body as Problem;
      throw new CounterfoilError('invalidField', detail ?? `the API answers ${answer.status}`);
    }
    return { status: answer.status, body: body as T };
  }
}

/**
 * Where the API is: as told, else as COUNTERFOIL_URL says, else as the configuration here says.
 * @throws CounterfoilError `invalidConfig` where nothing says it
 */
export function openApi(url: string | undefined): Api {
  const told = url ?? process.env['COUNTERFOIL_URL'];
  if (told !== undefined && told !== '') return new Api(checked(told));
  if (existsSync(DEFAULT_CONFIG)) {
    const { host, port } = loadConfig(DEFAULT_CONFIG, CONNECTOR_SCHEMAS).config.api;
    if (port !== 0) return new Api(`http://${host.includes(':') ? `[${host}]` : host}:${port}`);
  }
  throw new CounterfoilError(
    'invalidConfig',
    'nothing says where the API is; give --url, such as the one that counterfoil up printed, or set COUNTERFOIL_URL or api.port',
  );
}

function checked(url: string): string {
  if (/^https?:\/\/./.test(url) && URL.canParse(url)) return url;
  throw new CounterfoilError(
    'invalidConfig',
    `"${url.slice(0, 80)}" is no address such as http://127.0.0.1:8080`,
  );
}
