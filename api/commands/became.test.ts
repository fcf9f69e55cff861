import { describe, expect, test } from 'vitest';
import { notUnmatched } from '../../engine/domain/index.ts';
import type { BreakView, Command, CommandView, MatchView, RuleSet } from '../../engine/domain/index.ts';
import { breakExample, matchExample } from '../schema/results.ts';
import { TEST_RULES, queriesOver } from '../testing.ts';
import { whatBecame } from './became.ts';

const RECORD = { source: 'gateway', id: 'pay_1043', sequence: 4712, ordinal: 0 };
const WHO = { id: 'c', by: 'ana', why: 'seen on paper', reconciliation: 'gateway-to-bank' };
const WRITE_OFF: Command = { ...WHO, kind: 'writeOff', records: [{ ...RECORD, id: 'other' }, RECORD] };
const REASON: Command = {
  ...WHO,
  kind: 'assignReason',
  break: { sequence: 4801, n: 2 },
  record: RECORD,
  reason: 'bank charges',
};
const DUE = Date.parse(breakExample.dueTime);
const RETAIN = TEST_RULES.reconciliations[0]!.retain;

interface Store {
  readonly matches?: readonly MatchView[];
  readonly breaks?: readonly BreakView[];
}

async function became(
  { matches = [], breaks = [] }: Store,
  {
    command = WRITE_OFF,
    reason = `${notUnmatched(RECORD)} in memory`,
    at = DUE + RETAIN + 1,
    rules = TEST_RULES,
  }: { command?: Command; reason?: string; at?: number; rules?: RuleSet } = {},
): Promise<string | undefined> {
  const answer: CommandView = {
    ...{ id: 'c', position: '1-3-9-0', kind: command.kind, accepted: false, reason, by: 'ana', why: '' },
    logTime: new Date(at).toISOString(),
  };
  const addressed = { epoch: 1, partition: 3, command };
  return whatBecame(addressed, answer, queriesOver({ records: [], matches, breaks }), rules);
}

const SAYS = 'record "pay_1043" of source "gateway" is not unmatched in reconciliation "gateway-to-bank": ';
const EXAMPLE: MatchView = matchExample;
const MATCH: MatchView = {
  ...EXAMPLE,
  legs: [{ ...EXAMPLE.legs[0]!, id: 'pay_1043', record: '1-3-4712-0' }],
};

describe('what became of a record that is not unmatched', () => {
  test.each([
    ['matched', { matches: [MATCH] }, `match ${MATCH.matchId} has it`],
    [
      'written off',
      { breaks: [{ ...breakExample, state: 'writtenOff' as const }] },
      'it was written off, in break 1-3-4801-2',
    ],
    [
      'past retain',
      { breaks: [breakExample] },
      'it was due 2026-11-23T17:30:00.000Z and is past retain (30d) since 2026-12-23T17:30:00.000Z; ' +
        'its break 1-3-4801-2 stays open, and nothing can match it any more',
    ],
  ])('is said: %s', async (_what, store: Store, says) => {
    expect(await became(store)).toBe(SAYS + says);
    expect(await became(store, { command: REASON })).toBe(SAYS + says);
  });

  test('is no retain that is not over', async () => {
    expect(await became({ breaks: [breakExample] }, { at: DUE })).toMatch(/: it has left memory; its break/);
  });

  test('is not what became of it elsewhere, or of another record', async () => {
    const undone = { ...MATCH, state: 'unmatched' as const };
    const elsewhere = { ...MATCH, reconciliation: 'elsewhere' };
    const other = { ...MATCH, legs: [{ ...MATCH.legs[0]!, record: '1-3-9-0' }] };
    expect(await became({ matches: [undone, elsewhere, other] })).toBeUndefined();
    const [own] = TEST_RULES.reconciliations;
    const left = { ...own!.left, pool: 'gateway' };
    const reconciliations = [
      { ...own!, left },
      { ...own!, name: 'elsewhere', left },
    ];
    expect(await became({ matches: [elsewhere] }, { rules: { ...TEST_RULES, reconciliations } })).toMatch(
      /has it$/,
    );
  });

  test('is not asked where a command was refused for another reason', async () => {
    expect(await became({ matches: [MATCH] }, { reason: 'the accounts differ' })).toBeUndefined();
  });
});
