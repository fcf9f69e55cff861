import { expect, test } from 'vitest';
import { breakExample, matchExample } from './schema/results.ts';
import { shortBreak, shortMatch } from './parts.ts';
import { queriesOver, testApp } from './testing.ts';

const MANY = Array.from({ length: 250 }, (_, i) => ({ ...breakExample.members[0]!, id: `m${i}` }));
const LEGS = MANY.map(({ amount, ...member }) => ({ ...member, allocated: amount }));
const group = { ...breakExample, version: 3, members: MANY };
const match = { ...matchExample, legs: LEGS };
const { app } = testApp({ queries: queriesOver({ records: [], matches: [match], breaks: [group] }) });

interface Answer {
  readonly items: readonly { readonly id: string }[];
  readonly next?: string;
}

test('a result is shown with its first legs or members, and how many more there are', async () => {
  expect(shortBreak(breakExample)).toEqual(breakExample);
  expect(shortMatch(matchExample)).toEqual(matchExample);
  const detail = (await (await app.request(`/v1/breaks/${group.breakId}`)).json()) as { break: typeof group };
  expect(detail.break.members).toHaveLength(100);
  expect(detail.break).toMatchObject({ moreMembers: 150 });
  expect(shortMatch(match)).toMatchObject({ moreLegs: 150, legs: { length: 100 } });
});

test.each([`/v1/breaks/${group.breakId}/members`, `/v1/matches/${match.matchId}/legs`])(
  '%s gives each of them once, page by page',
  async (path) => {
    const ids: string[] = [];
    let next: string | undefined = `${path}?limit=70`;
    while (next !== undefined) {
      const answer: Response = await app.request(next);
      ids.push(...((await answer.json()) as Answer).items.map(({ id }) => id));
      next = /^<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect(ids).toEqual(MANY.map(({ id }) => id));
    for (const cursor of ['9-70', 'x', '3-'])
      expect((await app.request(`${path}?cursor=${cursor}`)).status).toBe(400);
    expect((await app.request(path.replace(/1-3-\d+-\d/, '1-0-1-0'))).status).toBe(404);
  },
);
