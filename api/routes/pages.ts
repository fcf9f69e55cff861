import type { Context } from 'hono';
import type { Page } from '../../engine/domain/index.ts';

/** Sets the Link header that leads to the next page: the same request with another cursor. */
export function linkNext(context: Context, page: Page<unknown>): void {
  if (page.next === undefined) return;
  const url = new URL(context.req.url);
  url.searchParams.set('cursor', page.next);
  context.header('Link', `<${url.pathname}${url.search}>; rel="next"`);
}

/** How the Link header stands in the document. */
export const linkHeader = {
  headers: { Link: { description: 'The next page, rel="next"', schema: { type: 'string' as const } } },
};
