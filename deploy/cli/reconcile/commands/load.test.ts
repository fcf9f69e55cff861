import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig, type FileCommand } from '../../../../engine/config/index.ts';
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

/** The commands of a configuration that has these. */
function loaded(written: unknown): FileCommand[] {
  const text = written === undefined ? '' : `commands: ${JSON.stringify(written)}\n`;
  const config = parseConfig(text, 'c.yaml', {}, { env: {}, directory });
  return loadCommands({ config, path: 'c.yaml', directory });
}

/** The commands of a configuration that names a file with this text. */
function loadedFrom(name: string, text: string): FileCommand[] {
  writeFileSync(join(directory, name), text);
  return loaded(name);
}

/** The lines in which commands are refused. */
function refusal(load: () => unknown): string[] {
  try {
    load();
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  throw new Error('the commands were accepted');
}

describe('commands of a file', () => {
  it('are none where none are configured', () => {
    expect(loaded(undefined)).toEqual([]);
    expect(loaded(null)).toEqual([]);
  });

  it('are taken in order of time, then as written, and named by their number', () => {
    const commands = loaded([
      { ...GOOD, at: '2026-11-26T00:00:00Z' },
      GOOD,
      { ...GOOD, id: 'mine', kind: 'writeOff' },
    ]);
    expect(commands.map(({ id }) => id)).toEqual(['command-2', 'mine', 'command-1']);
    expect(commands[0]).toMatchObject({
      at: Date.UTC(2026, 10, 25, 5),
      left: ['a'],
      right: ['7', { source: 's', id: '8' }],
    });
  });

  it.each([
    ['c.ndjson', `\uFEFF${JSON.stringify(GOOD)}\r\n\n${JSON.stringify(GOOD)}\n`, 2],
    ['c.yaml', `- ${JSON.stringify(GOOD)}\n`, 1],
    ['c.json', JSON.stringify([GOOD]), 1],
    ['none.yaml', '# nobody did anything\n', 0],
    ['none.jsonl', '\n', 0],
  ])('may stand in a file: %s', (name, text, count) => {
    expect(loadedFrom(name, text)).toHaveLength(count);
  });

  // JSON leaves out what is undefined.
  const WITHOUT_WHY = { ...GOOD, why: undefined };
  const WITHOUT_KIND = { ...GOOD, kind: undefined };
  const MOMENT = 'wants a moment with its offset, such as 2026-11-25T09:00:00+04:00';

  it.each<[string, unknown, string]>([
    [
      'no list',
      { a: 1 },
      'c.yaml:1:11: commands: found a map, wants a list of commands, or the path of a .ndjson, .yaml or .json file that holds one',
    ],
    ['no time', [{ ...GOOD, at: 'tomorrow' }], `c.yaml:1:18: commands[0].at: found "tomorrow", ${MOMENT}`],
    [
      'a time without an offset',
      [{ ...GOOD, at: '2026-11-25T09:00:00' }],
      `c.yaml:1:18: commands[0].at: found "2026-11-25T09:00:00", ${MOMENT}`,
    ],
    ['a day', [{ ...GOOD, at: '2026-11-25' }], `c.yaml:1:18: commands[0].at: found "2026-11-25", ${MOMENT}`],
    ['nobody', [{ ...GOOD, by: '' }], 'c.yaml:1:51: commands[0].by: found "", wants at least 1 character'],
    ['no reason why', [WITHOUT_WHY], 'c.yaml:1:12: commands[0].why: is missing, wants text'],
    [
      'no kind',
      [WITHOUT_KIND],
      'c.yaml:1:12: commands[0].kind: is missing, wants one of match, unmatch, writeOff, adjust, reopen, assignReason',
    ],
    [
      'an unknown kind',
      [GOOD, { ...GOOD, kind: 'writeof' }],
      'commands[1].kind: found "writeof", wants one of match, unmatch, writeOff, adjust, reopen, assignReason; did you mean "writeOff"?',
    ],
    [
      'no records',
      [{ ...GOOD, left: [], right: [] }],
      'c.yaml:1:12: commands[0]: match is about no record; name at least one under left or right',
    ],
    [
      'a record that is none',
      [{ ...GOOD, left: [true] }],
      'commands[0].left[0]: found true, wants an id, or {source: …, id: …}',
    ],
    [
      'an unknown word',
      [{ ...GOOD, resaon: '1' }],
      'commands[0].resaon: unknown setting; did you mean "reason"?',
    ],
    [
      'a reason too few',
      [{ ...GOOD, kind: 'assignReason' }],
      'commands[0].reason: is missing, wants the reason to assign',
    ],
    ['a reason too many', [{ ...GOOD, reason: 'x' }], 'match takes no reason: say it in why'],
    [
      'one id twice',
      [
        { ...GOOD, id: 'x' },
        { ...GOOD, id: 'x' },
      ],
      'commands[1].id: two commands have the id "x" (the other is number 1); give one another',
    ],
    [
      'a missing file',
      'none.ndjson',
      'c.yaml: commands: none.ndjson does not exist; create it, or correct the path',
    ],
    ['a folder', '.', 'c.yaml: commands: . is a directory; name the file in it'],
  ])('are refused with one line: %s', (_what, written, message) => {
    const lines = refusal(() => loaded(written));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(message);
  });

  it.each<[string, string, string[]]>([
    [
      'lines.ndjson',
      `${JSON.stringify(GOOD)}\n\n  ${JSON.stringify({ ...WITHOUT_WHY, at: 'soon' })}\n{"kind":"match"\n`,
      [
        "lines.ndjson:4:16: is no JSON: Expected ',' or '}' after property value; a command is one JSON object on one line",
      ],
    ],
    [
      'open.ndjson',
      '{"at":',
      ['open.ndjson:1:7: is no JSON: it ends too early; a command is one JSON object on one line'],
    ],
    [
      'word.ndjson',
      `${JSON.stringify(GOOD)}\n{"kind": match}\n`,
      ["word.ndjson:2: is no JSON: Unexpected token 'm'; a command is one JSON object on one line"],
    ],
    [
      'bad.ndjson',
      `${JSON.stringify(GOOD)}\n\n  ${JSON.stringify({ ...WITHOUT_WHY, at: 'soon' })}\n7\n`,
      [
        `bad.ndjson:3:9: at: found "soon", ${MOMENT}`,
        'bad.ndjson:3:3: why: is missing, wants text',
        'bad.ndjson:4:1: found 7, wants a map of settings',
      ],
    ],
    [
      'bad.yaml',
      '- { at: 2026-11-25T09:00:00Z, kind: forget }\n',
      [
        'bad.yaml:1:3: [0].by: is missing, wants text',
        'bad.yaml:1:3: [0].why: is missing, wants text',
        'bad.yaml:1:37: [0].kind: found "forget", wants one of match, unmatch, writeOff, adjust, reopen, assignReason',
        'bad.yaml:1:3: [0].reconciliation: is missing, wants text',
      ],
    ],
    ['broken.yaml', '- "\\d"\n', ['broken.yaml:1:4: ']],
    ['map.json', '{}', ['map.json:1:1: found a map, wants a list of commands']],
  ])('of a file are refused by line and column: %s', (name, text, expected) => {
    const lines = refusal(() => loadedFrom(name, text));
    expect(lines).toHaveLength(expected.length);
    for (const [i, line] of lines.entries()) expect(line).toContain(expected[i]);
  });

  it('are refused with twenty lines at most', () => {
    const lines = refusal(() => loadedFrom('many.ndjson', '{}\n'.repeat(50)));
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('and 230 more');
  });
});
