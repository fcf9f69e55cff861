import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCommands } from './load.ts';

const GOOD = {
  at: '2026-11-25T09:00:00+04:00',
  by: 'amal',
  why: 'seen on paper',
  kind: 'match',
  reconciliation: 'r',
  left: ['a'],
  right: [7, { source: 's', id: 8 }],
};

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'counterfoil-commands-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('commands of a file', () => {
  it('are none where none are configured', () => {
    expect(loadCommands(undefined, directory)).toEqual([]);
  });

  it('are taken in order of time, then as written, and named by their number', () => {
    const commands = loadCommands(
      [{ ...GOOD, at: '2026-11-26T00:00:00Z' }, GOOD, { ...GOOD, id: 'mine', kind: 'writeOff' }],
      directory,
    );
    expect(commands.map(({ id }) => id)).toEqual(['command-2', 'mine', 'command-1']);
    expect(commands[0]).toMatchObject({
      at: Date.UTC(2026, 10, 25, 5),
      left: ['a'],
      right: ['7', { source: 's', id: '8' }],
    });
  });

  it.each([
    ['c.ndjson', `${JSON.stringify(GOOD)}\n\n${JSON.stringify(GOOD)}\n`, 2],
    ['c.yaml', `- ${JSON.stringify(GOOD)}\n`, 1],
    ['c.json', JSON.stringify([GOOD]), 1],
  ])('may stand in a file: %s', (name, text, count) => {
    writeFileSync(join(directory, name), text);
    expect(loadCommands(name, directory)).toHaveLength(count);
  });

  it.each([
    ['no list', { a: 1 }, /^commands: wants a list/],
    ['no time', [{ ...GOOD, at: 'soon' }], /^commands\[0\]\.at: wants a moment/],
    ['a time without an offset', [{ ...GOOD, at: '2026-11-25T09:00:00' }], /wants a moment/],
    ['a day', [{ ...GOOD, at: '2026-11-25' }], /wants a moment/],
    ['nobody', [{ ...GOOD, by: '' }], /^commands\[0\]\.by/],
    ['an unknown kind', [GOOD, { ...GOOD, kind: 'delete' }], /^commands\[1\]\.kind/],
    ['no records', [{ ...GOOD, left: [], right: [] }], /at least one record/],
    ['an unknown word', [{ ...GOOD, amount: '1' }], /amount/],
    ['a reason too few', [{ ...GOOD, kind: 'assignReason' }], /^commands\[0\]\.reason: wants the reason/],
    ['a reason too many', [{ ...GOOD, reason: 'x' }], /say it in why/],
    [
      'one id twice',
      [
        { ...GOOD, id: 'x' },
        { ...GOOD, id: 'x' },
      ],
      /two commands have the id "x"/,
    ],
    ['a missing file', 'none.ndjson', /none\.ndjson cannot be read \(ENOENT\)/],
  ])('are refused with one line: %s', (_what, written, message) => {
    expect(() => loadCommands(written, directory)).toThrow(message);
  });

  it('say where a file cannot be understood', () => {
    writeFileSync(join(directory, 'bad.ndjson'), '{"at":');
    expect(() => loadCommands('bad.ndjson', directory)).toThrow(/bad\.ndjson cannot be understood: /);
  });
});
