import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DemoDisplay } from './display-driver.ts';
import { renderDisplay, renderLine, type DisplayState } from './display.ts';

const STATE: DisplayState = {
  phase: 'day 3: sales go on',
  elapsedMs: 83_400,
  records: 12_345,
  rate: 41.6,
  matches: 6021,
  open: 210,
  pending: 180,
  breaks: { unmatched: 17, amount: 6, group: 0 },
  healed: 4,
  duplicates: 50,
  deadLetters: 3,
  sources: [
    { source: 'stripe', records: 7210, deliveries: 1890, refused: 12, gaps: 41 },
    { source: 'bank', records: 62, deliveries: 0, refused: 0, gaps: 0 },
  ],
  latencyMs: { p50: 12.4, p99: 180 },
  api: 'http://127.0.0.1:4000',
  planted: [['charges that the ledger lacks', 6]],
};

const NOTHING = {
  records: 0,
  rate: 0,
  matches: 0,
  open: 0,
  pending: 0,
  breaks: {},
  healed: 0,
  duplicates: 0,
  deadLetters: 0,
  sources: [],
} as const;

describe('renderDisplay', () => {
  const lines = renderDisplay(STATE, { colour: false, width: 100 }).split('\n');
  const line = (label: string): string => lines.find((each) => each.startsWith(label)) ?? '';

  it('shows the figures where a person looks for them', () => {
    expect(lines[0]).toBe('Counterfoil · day 3: sales go on · 1m 23s');
    expect(line('records')).toMatch(/ 12,345 +42\/s$/);
    expect(line('matches')).toMatch(/ 6,021 +latency p50 12 ms, p99 180 ms$/);
    expect(line('breaks')).toMatch(/ 23 +unmatched 17, amount 6$/);
    expect(line('healed')).toContain(' 4 ');
    expect(line('duplicates')).toMatch(/ 50$/);
    expect(line('dead letters')).toContain(' 3 ');
    expect(line('from')).toMatch(/ records +webhooks +forged +gaps found$/);
    expect(line('stripe')).toMatch(/^stripe +7,210 +1,890 +12 +41$/);
    expect(line('bank')).toMatch(/^bank +62 +– +– +–$/);
    expect(line('docs')).toContain('http://127.0.0.1:4000/docs');
    expect(lines).toContain('       6  charges that the ledger lacks');
  });

  it('shows addresses and the key before the long list, which says what does not fit', () => {
    const few = renderDisplay(STATE, { colour: false, width: 80, height: lines.length }).split('\n');
    expect(few).toEqual(lines);
    const planted = Array.from({ length: 13 }, (_, i) => [`trouble ${i}`, i + 1] as const);
    const cut = renderDisplay({ ...STATE, planted }, { colour: false, width: 80, height: 27 }).split('\n');
    expect(cut).toHaveLength(27);
    expect(cut).toContain('Ctrl-C stops everything');
    expect(cut.slice(-2)).toEqual(['       6  trouble 5', '          and 7 more kinds, in a taller window']);
  });

  it('has no escape sequence without colour, and the same text with it', () => {
    const coloured = renderDisplay(STATE, { colour: true, width: 100 });
    expect(coloured).not.toBe(lines.join('\n'));
    expect(stripVTControlCharacters(coloured)).toBe(lines.join('\n'));
  });

  it('keeps every line within the terminal, also when it is coloured', () => {
    const narrow = stripVTControlCharacters(renderDisplay(STATE, { colour: true, width: 30 })).split('\n');
    expect(Math.max(...narrow.map((each) => each.length))).toBe(30);
  });

  it('says that the API is starting before it listens', () => {
    const early: DisplayState = { phase: 'starting', elapsedMs: 0, ...NOTHING };
    const text = renderDisplay(early, { colour: false, width: 80 });
    expect(text).toMatch(/^API +starting$/m);
    expect(text).not.toContain('undefined');
    expect(renderLine(early)).not.toContain('undefined');
  });
});

describe('DemoDisplay', () => {
  function terminal(isTTY: boolean): {
    isTTY: boolean;
    columns: number;
    rows: number;
    written: string[];
    write(text: string): void;
  } {
    const written: string[] = [];
    return { isTTY, columns: 80, rows: 40, written, write: (text) => void written.push(text) };
  }

  it('redraws in place on a terminal and gives the cursor back', () => {
    const output = terminal(true);
    const display = new DemoDisplay(output, {});
    display.update(STATE);
    display.update({ ...STATE, elapsedMs: 83_500 });
    display.close();
    display.close();
    const height = output.written[0]!.split('\n').length - 1;
    expect(output.written[0]).toContain('\u001b[?25l');
    expect(output.written[1]!.startsWith(`\u001b[${height}A`)).toBe(true);
    expect(output.written.slice(2)).toEqual(['\u001b[?25h']);
  });

  it('writes one plain line per second where there is no terminal', () => {
    const output = terminal(false);
    const display = new DemoDisplay(output, {});
    for (let ms = 0; ms <= 2000; ms += 250) display.update({ ...STATE, elapsedMs: ms });
    display.close({ ...STATE, elapsedMs: 2100 });
    expect(output.written).toHaveLength(4);
    for (const line of output.written) {
      expect(line).toBe(stripVTControlCharacters(line));
      expect(line.endsWith('\n')).toBe(true);
      expect(line).toContain('unmatched 17 amount 6');
      expect(line).toContain('gaps found 41');
    }
  });

  it('honours NO_COLOR', () => {
    const output = terminal(true);
    new DemoDisplay(output, { NO_COLOR: '1' }).update(STATE);
    expect(output.written.join('')).not.toMatch(/\u001b\[\d*m/);
  });

  it('takes a terminal without a size, as a recorded one is, for one of 80 by 24', () => {
    const sized = terminal(true);
    const unsized = { ...terminal(true), columns: 0, rows: 0 };
    for (const output of [sized, unsized]) new DemoDisplay(output, {}).update(STATE);
    expect(unsized.written).toEqual(sized.written);
  });

  it('never draws more lines than the terminal has', () => {
    const output = { ...terminal(true), rows: 8 };
    new DemoDisplay(output, {}).update(STATE);
    expect(output.written[0]!.split('\n')).toHaveLength(8);
  });
});
