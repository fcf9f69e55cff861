import { DAY_MS } from '../../../engine/domain/index.ts';
import type { Faults } from '../faults.ts';
import type { SimulatedAnswer } from '../http-server.ts';
import { failure, json } from './answers.ts';
import { MERCHANT_ID, dateTime } from './objects.ts';
import type { Row } from './objects.ts';

const MAX_RANGE_MS = 31 * DAY_MS;
const MAX_PAGE = 500;
/** A date and time with seconds and an offset. */
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
/** How far the list may lag behind; what it calls refreshed is older than that. */
const LAG_MS = 3 * 60_000;

export interface SearchOptions {
  /** Oldest first. */
  readonly rows: readonly Row[];
  readonly faults: Faults;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** The most rows that one search finds; PayPal's own limit is 10,000. */
  readonly maxResults: number;
}

/** Answers `GET /v1/reporting/transactions`. */
export function answerSearch(query: URLSearchParams, options: SearchOptions): SimulatedAnswer {
  const { rows, faults, nowMs, maxResults } = options;
  const [from, to] = [query.get('start_date') ?? '', query.get('end_date') ?? ''];
  const [fromMs, toMs] = [from, to].map((text) => (DATE_TIME.test(text) ? Date.parse(text) : NaN)) as [
    number,
    number,
  ];
  const size = Number(query.get('page_size') ?? 100);
  const page = Number(query.get('page') ?? 1);
  const isPaged =
    Number.isInteger(size) && size >= 1 && size <= MAX_PAGE && Number.isInteger(page) && page >= 1;
  if (!(fromMs <= toMs) || toMs - fromMs > MAX_RANGE_MS || !isPaged) {
    return failure(400, 'INVALID_REQUEST', 'Request is not well-formed.', 'INVALID_PARAMETER_VALUE');
  }
  const wanted = query.get('transaction_id');
  const found = rows.filter(
    ({ atMs, transaction_info: info }) =>
      atMs >= fromMs &&
      atMs <= toMs &&
      atMs + faults.listLagMs(info.transaction_id) <= nowMs &&
      (wanted === null || info.transaction_id === wanted),
  );
  if (found.length > maxResults) {
    return failure(400, 'RESULTSET_TOO_LARGE', 'Result set size is greater than the maximum limit.');
  }
  return json({
    transaction_details: found
      .slice((page - 1) * size, page * size)
      .map(({ transaction_info: info }) => ({ transaction_info: info })),
    account_number: MERCHANT_ID,
    start_date: from,
    end_date: to,
    last_refreshed_datetime: dateTime(nowMs - LAG_MS).replace('Z', '+0000'),
    page,
    total_items: found.length,
    total_pages: Math.max(1, Math.ceil(found.length / size)),
  });
}
