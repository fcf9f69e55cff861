import { expect, test } from 'vitest';
import { readable } from './trace.ts';

const hop = (depth: number, id: string, from?: string, by?: 'link' | 'match') => ({
  depth,
  record: {
    ...{
      position: `at ${id}`,
      source: 's',
      id,
      kind: 'charge',
      amount: '1.00',
      net: '1.00',
      currency: 'AED',
    },
    time: '2026-11-20T00:00:00.000Z',
  },
  ...(from === undefined ? {} : { from: `at ${from}` }),
  ...(by === undefined ? {} : { by }),
  ...(by === 'match' ? { match: { matchId: `${from!}-${id}`, reconciliation: 'r', rule: 'k' } } : {}),
});

test('a trace stands as a tree: under each record what it led to, nearest first', () => {
  const hops = [
    hop(0, 'charge'),
    hop(1, 'payout', 'charge', 'match'),
    hop(1, 'refund', 'charge', 'link'),
    hop(1, 'dispute', 'charge', 'link'),
    hop(2, 'bank', 'payout', 'match'),
    hop(2, 'payout2', 'refund', 'match'),
    hop(3, 'bank2', 'payout2', 'match'),
  ];
  const text = readable({ inBank: { line: 'yes' }, hops, chains: [], breaks: [], truncated: false });
  const lines = text.split('\n').slice(2, -1);
  expect(lines.map((line) => /^ *s \S+/.exec(line)![0])).toEqual([
    's charge',
    '  s payout',
    '    s bank',
    '  s refund',
    '    s payout2',
    '      s bank2',
    '  s dispute',
  ]);
  expect(lines[4]).toMatch(/match refund-payout2 by r\/k$/);
});
