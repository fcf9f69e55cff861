import { setTimeout as delay } from 'node:timers/promises';

const REQUEST_MS = 20_000;
const PAGE = '1000';

/** Reads one JSON answer of the API. @throws Error with the answer when it is not a success */
export async function getJson<T>(base: string, path: string, query: Record<string, string> = {}): Promise<T> {
  const answer = await fetch(`${base}${path}?${new URLSearchParams(query).toString()}`, {
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Every item of a list, page by page. */
export async function listAll<T>(
  base: string,
  path: string,
  query: Record<string, string> = {},
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await getJson<{ items: T[]; next?: string }>(base, path, {
      ...query,
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return items;
}

/** Asks again and again until `enough`; returns the last answer. @throws Error with it when time is up */
export async function eventually<T>(
  ask: () => Promise<T>,
  enough: (answer: T) => boolean,
  timeoutMs: number,
): Promise<T> {
  const answer = await lastAnswer(ask, enough, timeoutMs);
  if (enough(answer)) return answer;
  throw new Error(`not so after ${timeoutMs} ms: ${JSON.stringify(answer).slice(0, 2000)}`);
}

/** Asks again and again until `enough` or time is up; returns the last answer, to be compared as a whole. */
export async function lastAnswer<T>(
  ask: () => Promise<T>,
  enough: (answer: T) => boolean,
  timeoutMs: number,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (enough(answer) || Date.now() > deadline) return answer;
    await delay(100);
  }
}
