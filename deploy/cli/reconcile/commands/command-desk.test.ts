import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reconcile } from '../reconcile.ts';

type Line = { readonly type: string } & { readonly [field: string]: unknown };

const HEADER = 'id,reference,amount,currency,time\n';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'counterfoil-desk-'));
  writeFileSync(
    join(directory, 'shop.csv'),
    HEADER +
      's1,R1,10.00,AED,2026-11-01T10:00:00Z\n' +
      's2,R2,20.00,AED,2026-11-01T10:00:00Z\n' +
      's2,R2,20.00,AED,2026-11-01T10:00:00Z\n' +
      'same,R3,30.00,AED,2026-11-01T10:00:00Z\n' +
      'twice,R4,40.00,AED,2026-11-01T10:00:00Z\n' +
      'twice,R5,50.00,AED,2026-11-01T10:00:00Z\n',
  );
  writeFileSync(
    join(directory, 'parts.csv'),
    HEADER +
      'p1,G,6.00,AED,2026-11-01T10:00:00Z\n' +
      'p2,G,4.00,AED,2026-11-01T11:00:00Z\n' +
      'p3,G,3.00,AED,2026-11-01T13:00:00Z\n' +
      'p4,G,-3.00,AED,2026-11-01T14:00:00Z\n',
  );
  writeFileSync(join(directory, 'sums.csv'), `${HEADER}sum,G,10.00,AED,2026-11-01T12:00:00Z\n`);
  writeFileSync(join(directory, 'web.csv'), `${HEADER}same,R6,60.00,AED,2026-11-01T10:00:00Z\n`);
  writeFileSync(
    join(directory, 'bank.csv'),
    HEADER +
      'b1,R1,10.00,AED,2026-11-02T10:00:00Z\n' +
      'b2,OTHER,20.00,AED,2026-11-02T10:00:00Z\n' +
      'b3,LATE,30.00,AED,2026-11-09T10:00:00Z\n',
  );
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs the file command with these commands, each at noon of 3 November unless it says otherwise. */
async function run(...commands: readonly object[]) {
  const file = join(directory, 'c.yaml');
  const config = {
    sources: Object.fromEntries(
      ['shop', 'web', 'bank', 'parts', 'sums'].map((name) => [
        name,
        { connector: 'csv', path: `${name}.csv` },
      ]),
    ),
    reconciliations: [
      {
        name: 'r',
        left: { sources: ['shop', 'web'] },
        right: { sources: ['bank'] },
        window: { after: '3d' },
        rules: [{ name: 'by-reference', keys: ['reference'] }],
      },
      {
        name: 'groups',
        left: { sources: ['parts'] },
        right: { sources: ['sums'] },
        window: { before: '3d', after: '3d' },
        rules: [{ name: 'by-group', cardinality: 'N:1', complete: 'onSum', keys: ['reference'] }],
      },
    ],
    commands: commands.map((command) => ({
      at: '2026-11-03T12:00:00Z',
      by: 'amal',
      why: 'because',
      reconciliation: 'r',
      ...command,
    })),
  };
  writeFileSync(file, JSON.stringify(config));
  const out = join(directory, 'out.ndjson');
  const totals = await reconcile({ file, out });
  const lines = readFileSync(out, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const of = (type: string): Line[] => lines.filter((line) => line.type === type);
  return { totals, matches: of('match'), breaks: of('break'), answers: of('command') };
}

describe('commands in terms of ids', () => {
  it('tie and untie, and let go on what was barred', async () => {
    const {
      totals,
      matches: all,
      answers,
    } = await run(
      { kind: 'match', left: ['s2'], right: ['b2'] },
      { kind: 'unmatch', left: ['s1'], right: ['b1'] },
      { kind: 'reopen', left: ['s1'], right: ['b1'], at: '2026-11-03T13:00:00Z' },
      { kind: 'match', left: ['s1'], right: ['b1'], at: '2026-11-03T14:00:00Z' },
    );
    expect(answers.map(({ accepted }) => accepted)).toEqual([true, true, true, true]);
    const matches = all.filter(({ reconciliation }) => reconciliation === 'r');
    expect(matches).toMatchObject([
      { left: ['s1'], right: ['b1'], version: 2, state: 'unmatched' },
      { rule: 'match', left: ['s2'], right: ['b2'] },
      { rule: 'match', left: ['s1'], right: ['b1'] },
    ]);
    expect(matches[1]).not.toHaveProperty('state');
    expect(totals).toMatchObject({ matches: 3, commands: { accepted: 4, refused: 0 } });
  });

  it('undo no match that has other legs', async () => {
    const { answers } = await run({ kind: 'unmatch', left: ['s1'], right: [] });
    expect(answers).toMatchObject([
      { accepted: false, reason: 'no match has exactly these legs at that time' },
    ]);
  });

  it('undo a group by all the legs that it has by then', async () => {
    const undo = { kind: 'unmatch', reconciliation: 'groups', right: ['sum'] };
    const stale = await run({ ...undo, left: ['p1', 'p2'] });
    expect(stale.answers).toMatchObject([{ accepted: false }]);
    const { answers, matches } = await run({ ...undo, left: ['p4', 'p3', 'p2', 'p1'] });
    expect(answers).toMatchObject([{ accepted: true }]);
    expect(matches.filter(({ reconciliation }) => reconciliation === 'groups')).toMatchObject([
      { version: 3, state: 'unmatched', left: ['p1', 'p2', 'p3', 'p4'], right: ['sum'] },
    ]);
  });

  it('write off, and bring back', async () => {
    const off = { kind: 'writeOff', left: ['s2'] };
    const written = await run(off);
    expect(written.breaks).toContainEqual(expect.objectContaining({ left: ['s2'], state: 'writtenOff' }));
    expect(written.totals.breaks).toMatchObject({ unmatched: 6 });
    const { answers, breaks } = await run(off, { kind: 'reopen', left: ['s2'], at: '2026-11-03T13:00:00Z' });
    expect(answers.map(({ accepted }) => accepted)).toEqual([true, true]);
    expect(breaks.filter(({ left }) => String(left) === 's2').map(({ state }) => state)).toEqual([
      'writtenOff',
      undefined,
    ]);
  });

  it('bring nothing back that is matched', async () => {
    const { answers } = await run({ kind: 'reopen', left: ['s1'] });
    expect(answers).toMatchObject([
      {
        accepted: false,
        reason: expect.stringMatching(/^"s1" is matched, by 0-0-\d+-\d+: unmatch that; /) as string,
      },
    ]);
  });

  it('find a break by any of its members, once time has made it', async () => {
    const reason = { kind: 'assignReason', left: ['s2'], reason: 'asked the bank' };
    const early = await run(reason);
    expect(early.answers).toMatchObject([
      { accepted: false, reason: '"s2" is in no open break at that time' },
    ]);
    // Due on the 4th; no record comes between then and the command, whose own time makes it a break.
    const { answers, breaks } = await run({ ...reason, at: '2026-11-05T00:00:00Z' });
    expect(answers).toMatchObject([{ accepted: true }]);
    expect(breaks).toContainEqual(
      expect.objectContaining({ left: ['s2'], version: 2, reason: 'asked the bank' }),
    );
  });

  it('give a reason to one break, named by any of its members', async () => {
    const reason = { kind: 'assignReason', at: '2026-11-05T00:00:00Z', reason: 'asked the bank' };
    const apart = await run({ ...reason, left: ['s2'], right: ['b2'] });
    const [left, right] = [['left', 's2'] as const, ['right', 'b2'] as const].map(([side, id]) =>
      apart.breaks.find((each) => String(each[side]) === id)!,
    );
    expect(apart.answers).toMatchObject([
      {
        accepted: false,
        reason:
          'the records are in different breaks, and a reason is given to one at a time: ' +
          `"s2" is in break ${String(left!['breakId'])}, "b2" is in break ${String(right!['breakId'])}`,
      },
    ]);
    expect([left, right]).toMatchObject([{ version: 1 }, { version: 1 }]);
  });

  it.each([
    ['nobody', { left: ['s9'] }, 'shop and web had no record "s9" at that time'],
    ['what comes later', { right: ['b3'] }, 'bank had no record "b3" at that time'],
    ['no source', { left: [{ source: 'zz', id: 's1' }] }, 'there is no source "zz"'],
    [
      'a source of the other side',
      { left: [{ source: 'bank', id: 'b1' }] },
      'source "bank" is none of the left side of "r", which has shop and web',
    ],
    ['an id of two sources', { left: ['same'] }, '"same" is an id in shop and web: write {source: …, id: …}'],
    [
      'an id used twice',
      { left: ['twice'] },
      'shop has 2 records with the id "twice": a command cannot tell them apart',
    ],
    ['no reconciliation', { left: ['s1'], reconciliation: 'q' }, 'there is no reconciliation "q"'],
  ])('are refused where they name %s', async (_what, over, reason) => {
    const { answers, totals } = await run({ kind: 'writeOff', ...over });
    expect(answers).toMatchObject([{ commandId: 'command-1', accepted: false, reason, by: 'amal' }]);
    expect(totals.commands).toEqual({ accepted: 0, refused: 1 });
  });

  it('name a source where they must', async () => {
    const { answers, breaks } = await run({ kind: 'writeOff', left: [{ source: 'web', id: 'same' }] });
    expect(answers).toMatchObject([{ accepted: true }]);
    expect(breaks).toContainEqual(expect.objectContaining({ state: 'writtenOff', amount: '60.00' }));
  });
});
