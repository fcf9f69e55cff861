import { createHash } from 'node:crypto';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { MAX_ID, TokenSource, at, textAt } from '../contract/index.ts';
import type { LiveContext, ProviderRequest } from '../contract/index.ts';
import type { SwiftApiSettings } from './settings.ts';
import { bytesOf, tokenFetcher } from './token.ts';

/** Statements on one page; more is no list but a mistake. */
const MAX_ITEMS = 10_000;
const DAY_LENGTH = 10;

/** A statement as the bank lists it. */
export interface ListedStatement {
  readonly id: string;
  readonly format: string | undefined;
  /** When it was made available, epoch milliseconds; undefined where the bank does not say. */
  readonly availableMs: number | undefined;
  /** The item as it is, in JSON: another one under the same id is another statement. */
  readonly text: string;
  /** The statement itself, where the list holds it. */
  readonly content?: Buffer;
  /** Why it cannot be asked for. */
  readonly problem?: string;
}

export interface StatementPage {
  readonly statements: readonly ListedStatement[];
  readonly next: string | undefined;
}

/** What is asked of a bank's API. */
export interface SwiftApi {
  /**
   * A page of what was made available from `fromMs` on, before `toMs`.
   * @throws CounterfoilError what `ProviderHttp.send` throws; `providerContract` for an answer that is no list
   */
  list(
    fromMs: number,
    toMs: number | undefined,
    page: string | undefined,
    signal: AbortSignal,
  ): Promise<StatementPage>;
  /** @throws CounterfoilError what `ProviderHttp.send` throws; `providerContract` for an answer without content */
  content(id: string, signal: AbortSignal): Promise<Buffer>;
}

export function createSwiftApi(
  context: Pick<LiveContext, 'http' | 'now' | 'signal' | 'source'>,
  settings: SwiftApiSettings,
): SwiftApi {
  const { http, now, source } = context;
  const { list, content: reading } = settings;
  const tokens = new TokenSource({
    now,
    signal: context.signal,
    fetchToken: tokenFetcher(context, settings),
  });
  const get = (endpoint: string, path: string, accept: string, signal: AbortSignal): Promise<Buffer> =>
    tokens.withToken(
      async (token) => {
        const headers = { authorization: `Bearer ${token.reveal()}`, accept };
        const request: ProviderRequest = { endpoint, method: 'GET', path, headers };
        return bytesOf(await http.send(request, signal));
      },
      '',
      signal,
    );
  const broken = (what: string): CounterfoilError =>
    new CounterfoilError(
      'providerContract',
      `source "${source}": ${what}; check http.routes and the settings`,
    );
  const parsed = (bytes: Buffer, what: string): unknown => {
    try {
      return JSON.parse(bytes.toString('utf8')) as unknown;
    } catch {
      throw broken(`the answer with ${what} is no JSON`);
    }
  };
  const written = (ms: number): string =>
    new Date(ms).toISOString().slice(0, list.times === 'day' ? DAY_LENGTH : undefined);

  return {
    async list(fromMs, toMs, page, signal) {
      const query = new URLSearchParams({ [list.from]: written(fromMs) });
      if (toMs !== undefined && list.to !== undefined && list.to !== '') query.set(list.to, written(toMs));
      if (page !== undefined) query.set(list.page, page);
      const path = `${list.path}?${query.toString()}`;
      const answer = parsed(await get('list', path, 'application/json', signal), 'the statements');
      const items = list.items === '' ? answer : at(answer, ...list.items.split('.'));
      if (!Array.isArray(items)) throw broken(`the answer has no list at "${list.items}" (list.items)`);
      if (items.length > MAX_ITEMS) throw broken(`a page has more than ${MAX_ITEMS} statements`);
      return {
        statements: items.map((item) => readItem(item, settings)),
        next: nextOf(at(answer, ...list.next.split('.')), list.page),
      };
    },

    async content(id, signal) {
      const path = reading.path.replaceAll('{id}', encodeURIComponent(id));
      const bytes = await get('content', path, reading.accept, signal);
      if (reading.field === undefined) {
        return reading.encoding === 'base64' ? Buffer.from(bytes.toString('latin1'), 'base64') : bytes;
      }
      const text = textAt(parsed(bytes, 'a statement'), ...reading.field.split('.'));
      if (text === undefined) throw broken(`a statement has no text at ${reading.field} (content.field)`);
      return Buffer.from(text, reading.encoding === 'base64' ? 'base64' : 'utf8');
    },
  };
}

function readItem(
  item: unknown,
  { list, content }: Pick<SwiftApiSettings, 'list' | 'content'>,
): ListedStatement {
  const text = JSON.stringify(item);
  const id = at(item, ...list.id.split('.'));
  const available = Date.parse(textAt(item, ...list.available.split('.')) ?? '');
  const written = list.content === undefined ? undefined : textAt(item, ...list.content.split('.'));
  const encoding = content.encoding === 'base64' ? 'base64' : 'utf8';
  const listed = {
    ...(written === undefined ? {} : { content: Buffer.from(written, encoding) }),
    format: textAt(item, ...list.format.split('.')),
    availableMs: Number.isNaN(available) ? undefined : available,
    text,
  };
  const hasId = (typeof id === 'string' || typeof id === 'number') && id !== '';
  if (hasId && String(id).length <= MAX_ID) return { ...listed, id: String(id) };
  const problem = hasId ? `its id has over ${MAX_ID} characters` : `it has no id at ${list.id} (list.id)`;
  // Told apart by what they are, so that each is a dead letter once.
  return { ...listed, id: `no id: ${createHash('sha256').update(text).digest('hex')}`, problem };
}

/** What the next page is asked by; of an address, the value that it has in its query. */
function nextOf(next: unknown, parameter: string): string | undefined {
  if (typeof next === 'number') return String(next);
  if (typeof next !== 'string' || next === '') return undefined;
  if (!/^(?:https?:\/)?\//.test(next) || !URL.canParse(next, 'http://host')) return next;
  return new URL(next, 'http://host').searchParams.get(parameter) ?? next;
}
