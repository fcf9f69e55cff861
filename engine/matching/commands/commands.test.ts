import { describe, expect, test } from 'vitest';
import { Entries } from '../entries.ts';
import { AnsweredCommands } from './answered-commands.ts';
import { Bars } from './bars.ts';
import { findEntries } from './find-entries.ts';
import { readCommand } from './read-command.ts';

describe('reading a command', () => {
  test('says in one line what is wrong with it', () => {
    expect(readCommand('{"kind":').problem).toMatch(/^the command is no JSON: [^\n]+$/);
    expect(readCommand('{"kind":"explode"}').problem).toMatch(/^the command is not valid: kind: [^\n]+$/);
    const long = { kind: 'reopen', id: 'x'.repeat(200), by: 'a', why: 'b', reconciliation: 'r' };
    expect(readCommand(JSON.stringify(long)).problem).toContain('id: ');
  });

  test('takes a valid one', () => {
    const command = {
      kind: 'reopen',
      id: 'c1',
      by: 'Amna',
      why: 'a slip',
      reconciliation: 'r',
      match: { sequence: 3, n: 0 },
    };
    expect(readCommand(JSON.stringify(command)).command).toEqual(command);
  });
});

test('the last 10,000 answered ids are known, the oldest is forgotten first', () => {
  const answered = new AnsweredCommands();
  for (let i = 0; i < 10_001; i++) answered.add(`c${i}`);
  expect([answered.has('c0'), answered.has('c1'), answered.has('c10000')]).toEqual([false, true, true]);
  const restored = new AnsweredCommands();
  restored.restore(answered.state());
  restored.add('next');
  expect([restored.has('c1'), restored.has('c2')]).toEqual([false, true]);
});

describe('bars', () => {
  test('hold for exactly those legs of that reconciliation, until the match is opened again', () => {
    const bars = new Bars();
    expect(bars.any).toBe(false);
    bars.add('a', 7, 0, 1, [3, 9]);
    expect([bars.hasPair('a', 9, 3), bars.has('a', [3, 9])]).toEqual([true, true]);
    expect([bars.has('a', [3, 9, 11]), bars.hasPair('b', 3, 9)]).toEqual([false, false]);
    expect([bars.wasUndone(7, 0, 1), bars.wasUndone(7, 0, 2)]).toEqual([true, false]);
    const restored = new Bars();
    restored.restore(bars.state());
    for (const each of [bars, restored]) {
      expect([each.countOf('a', 7, 1), each.countOf('a', 7, 0)]).toEqual([0, 1]);
      each.remove('a', 7, 0);
      expect([each.any, each.hasPair('a', 3, 9), each.wasUndone(7, 0, 1)]).toEqual([false, false, true]);
    }
  });

  test('of two matches with the same legs are two', () => {
    const bars = new Bars();
    bars.add('a', 7, 0, 1, [3, 9]);
    bars.add('a', 8, 0, 1, [3, 9]);
    bars.remove('a', 7, 0);
    expect(bars.hasPair('a', 3, 9)).toBe(true);
  });
});

test('entries are found by their arrivals, wherever they lie', () => {
  const entries = new Entries();
  const arrivals = Array.from({ length: 40_000 }, (_, i) => ((i * 7919) % 40_000) * 65_536 + (i % 3));
  for (const arrival of arrivals) entries.add(100, 0, arrival, 0, 0);
  const wanted = [arrivals[0]!, arrivals[17_000]!, arrivals[39_999]!, 5.5];
  const found: [number, number][] = [];
  findEntries(entries, wanted, (place, entry) => found.push([place, entry]));
  expect(found).toEqual([
    [0, 0],
    [1, 17_000],
    [2, 39_999],
  ]);
});
