import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SourceFinding } from '../../engine/domain/index.ts';
import { readContent, sourceOf, temporaryFolder } from '../conformance/harness.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

type Settings = { readonly [setting: string]: unknown };

interface Reading {
  readonly ids: string[];
  readonly dead: string[];
  readonly findings: SourceFinding[];
}

async function read(rows: readonly string[], settings: Settings): Promise<Reading> {
  const source = sourceOf('csv', { path: 'x', currency: 'AED', ...settings });
  const found: Reading = { ids: [], dead: [], findings: [] };
  for (const item of await readContent(source, folder.path, rows.join('\n'), 'f.csv')) {
    if (item.type === 'record') found.ids.push(item.record.id);
    if (item.type === 'deadLetter') {
      const { code, reason, origin, payload } = item.deadLetter;
      found.dead.push(`${origin.line} ${code} ${payload}: ${reason}`);
    }
    if (item.type === 'finding') found.findings.push(item.finding);
  }
  return found;
}

const HEADER = 'id,amount,fee,time,currency,DC';
const ROWS = [
  'a,10.00,1.00,2026-11-22,AED,CR',
  'b,4.00,0.50,2026-11-22,AED,DR',
  'c,2.50,0,2026-11-22,AED,CR',
];
const WHERE = { where: { is: 'TRL' }, count: 2, totals: { net: 3 } };
const DIRECTION = { direction: { column: 'DC', adds: ['CR'], subtracts: ['DR'] } };
/** Of ROWS: amounts 10 − 4 + 2.50 = 8.50, fees 1.50, net 7.00. */
const withTrailer = (trailer: string, settings: Settings): Promise<Reading> =>
  read([HEADER, ...ROWS, trailer, ''], { ...DIRECTION, ...settings });

describe('a trailer that agrees gives nothing', () => {
  test.each<[string, Settings]>([
    ['TRL,3,7.00', { trailer: WHERE }],
    ['TRL,0003,7', { trailer: WHERE }],
    ['Grand total,,,,7.00,', { trailer: { where: { matches: '(?i)^grand' }, totals: { net: 'currency' } } }],
    ['x,END,,8.50', { trailer: { where: { column: 'amount', is: ['END'] }, totals: { amount: 4 } } }],
    ['Total,1.50,8.50,12.50', { trailer: { rows: 1, totals: { fee: 2, amount: 3, adds: 4 } } }],
    ['Total,4.00,16.50', { trailer: { rows: 1, totals: { subtracts: 2, unsigned: 3 } } }],
    ['Total,-4.00', { trailer: { rows: 1, totals: { subtracts: 2 } } }],
    ['Total,8.50\nEnd of report', { trailer: { rows: 2, totals: { amount: 2 } } }],
    ['Total,8.50\nEnd\n,,,', { trailer: { rows: 2, totals: { amount: 2 } } }],
    ['Total,3', { trailer: { rows: 1, count: 2 } }],
    ['Total', { trailer: { where: { is: 'Total' } } }],
    ['TRL,AED,8.50', { trailer: { rows: 1, currency: 2, totals: { amount: 3 } } }],
    [
      'TRL,"(1.50)",8.50',
      { trailer: { rows: 1, totals: { fee: 2 } }, signs: { fee: 'balance' }, numbers: { parentheses: true } },
    ],
  ])('%s', async (trailer, settings) => {
    const fees = (settings['signs'] as object | undefined) !== undefined;
    const rows = fees ? ROWS.map((row) => row.replace(/,(1\.00|0\.50),/, ',-$1,')) : ROWS;
    const found = await read([HEADER, ...rows, trailer, ''], { ...DIRECTION, ...settings });
    expect(found).toEqual({ ids: ['a', 'b', 'c'], dead: [], findings: [] });
  });

  test('with the sign of its own direction', async () => {
    const rows = [HEADER, 'b,4.00,0,2026-11-22,AED,DR', 'Total,4.00,,,,DR'];
    const trailer = { rows: 1, totals: { amount: 2 } };
    expect(await read(rows, { ...DIRECTION, trailer })).toEqual({ ids: ['b'], dead: [], findings: [] });
    expect(
      (await read([...rows.slice(0, 2), 'Total,4.00,,,,CR'], { ...DIRECTION, trailer })).findings,
    ).toMatchObject([{ amount: -800 }]);
  });
});

describe('a trailer that does not agree is a finding, and the rows are records', () => {
  test.each<[string, Settings, number, string]>([
    ['TRL,4,7.00', { trailer: WHERE }, 0, 'it counts 4, there are 3'],
    ['TRL,3,8.00', { trailer: WHERE }, -100, 'net is 8.00 there and 7.00 in the rows'],
    ['TRL,2,6.99', { trailer: WHERE }, 1, 'it counts 2, there are 3; net is 6.99 there and 7.00 in the rows'],
    [
      'Total,',
      { trailer: { rows: 1, totals: { amount: 2 } } },
      850,
      'amount is 0.00 there and 8.50 in the rows',
    ],
    [
      'TRL,USD,8.50',
      { trailer: { rows: 1, currency: 2, totals: { amount: 3 } } },
      -850,
      'amount is 8.50 there and 0.00',
    ],
  ])('%s', async (trailer, settings, amount, message) => {
    const { ids, dead, findings } = await withTrailer(trailer, settings);
    expect([ids, dead]).toEqual([['a', 'b', 'c'], []]);
    expect(findings).toMatchObject([{ kind: 'balance', source: 'source', account: 'default', amount }]);
    expect(findings[0]!.message).toContain(`f.csv:5: the trailer does not agree with its rows: ${message}`);
  });

  test('it says how many rows could not be read, and counts those that are passed over', async () => {
    const rows = [HEADER, ROWS[0]!, 'b,much,0,2026-11-22,AED,CR', 'c,0,0,2026-11-22,AED,VOID', 'TRL,3,13.00'];
    const settings = { ...DIRECTION, trailer: WHERE, ignore: [{ column: 'DC', is: 'VOID' }] };
    const { ids, dead, findings } = await read(rows, settings);
    expect([ids, dead.length]).toEqual([['a'], 1]);
    expect(findings[0]!.message).toContain(
      'net is 13.00 there and 9.00 in the rows; 1 of the rows could not be read',
    );
  });
});

describe('a trailer that cannot be read, or is not there, is a dead letter', () => {
  test.each<[string, Settings, RegExp]>([
    ['TRL,many,7.00', { trailer: WHERE }, /^5 invalidField TRL,many,7.00: count "many"/],
    ['TRL,3,lots', { trailer: WHERE }, /^5 invalidAmount TRL,3,lots/],
    [
      'TRL',
      { trailer: WHERE },
      /^5 malformedRow TRL: the trailer has 1 columns, and its count should stand in column 2/,
    ],
    [
      'd,1.00,0,2026-11-22,AED,CR',
      { trailer: WHERE },
      /^6 malformedRow : the file does not end with its trailer: 4 rows/,
    ],
    ['', { trailer: WHERE }, /does not end with its trailer: 3 rows stand behind/],
  ])('%s', async (trailer, settings, letter) => {
    const { ids, dead, findings } = await withTrailer(trailer, settings);
    expect(ids.slice(0, 3)).toEqual(['a', 'b', 'c']);
    expect([dead.length, findings]).toEqual([1, []]);
    expect(dead[0]).toMatch(letter);
  });

  test('a total of several currencies', async () => {
    const rows = [HEADER, ROWS[0]!, 'b,4.00,0,2026-11-22,USD,CR', 'TRL,2,13.00'];
    const { ids, dead } = await read(rows, { ...DIRECTION, trailer: WHERE });
    expect([ids, dead.length]).toEqual([['a', 'b'], 1]);
    expect(dead[0]).toContain('nothing says in which currency');
  });

  test('a file with fewer rows than its trailer has, or none', async () => {
    const trailer = { rows: 2 };
    expect((await read([HEADER, ROWS[0]!], { ...DIRECTION, trailer })).dead).toHaveLength(1);
    expect((await read([HEADER], { ...DIRECTION, trailer: WHERE })).dead).toHaveLength(1);
    expect((await read([HEADER, 'TRL,0,0.00'], { ...DIRECTION, trailer: WHERE })).dead).toEqual([]);
  });
});

test('each trailer speaks of the rows since the one before', async () => {
  const rows = [HEADER, ROWS[0]!, 'TRL,1,9.00', ROWS[1]!, ROWS[2]!, 'TRL,2,-2.00', ROWS[0]!, 'TRL,1,8.00'];
  const { dead, findings } = await read(rows, { ...DIRECTION, trailer: WHERE });
  expect(dead).toEqual([]);
  expect(findings.map(({ message }) => message.slice(0, 8))).toEqual(['f.csv:8:']);
});

test('what a trailer says is compared with all rows when reading starts in the middle', async () => {
  const source = sourceOf('csv', { path: 'x', currency: 'AED', ...DIRECTION, trailer: WHERE });
  const content = [HEADER, ...ROWS, 'TRL,3,7.00'].join('\n');
  await readContent(source, folder.path, content, 'f.csv');
  const offset = content.indexOf('c,');
  const found: string[] = [];
  for await (const batch of source.readFile(`${folder.path}/content`, 'f.csv', {
    from: { offset, line: 4 },
  })) {
    found.push(...batch.map(({ type }) => type));
  }
  expect(found).toEqual(['record', 'record', 'record']);
});
