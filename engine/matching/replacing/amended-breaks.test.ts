import { expect, test } from 'vitest';
import type { BreakBody } from '../breaks.ts';
import type { KernelCore } from '../core.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { AmendedBreaks } from './amended-breaks.ts';

const body: BreakBody = {
  kind: 'amended',
  account: 'a',
  currency: 'AED',
  amount: 100,
  members: [],
  why: { rule: 'r', condition: 'amended' },
};

/** As much of a kernel as they ask for, and what they say of breaks: the match, then version and state. */
function kernel() {
  const said: string[] = [];
  let open = 0;
  const emitter = {
    sequence: 1,
    n: 0,
    breakVersion(_: unknown, { breakSequence, version, state }: Record<string, unknown>) {
      said.push(`${String(breakSequence)} v${String(version)} ${String(state)}`);
    },
  };
  const core = { emitter, reader: { currencies: { internText: () => 0 } } } as unknown as KernelCore;
  const stateNamed = (name: string): ReconciliationState =>
    ({
      definition: { name },
      totals: () => ({ breakChanged: (change: number) => (open += change) }),
    }) as unknown as ReconciliationState;
  return { core, emitter, said, stateNamed, open: () => open };
}

test('a match has one break, which a later version of it goes on with, and an end of it resolves', () => {
  const { core, said, stateNamed, open } = kernel();
  const amended = new AmendedBreaks(core);
  const state = stateNamed('r');
  amended.tell(state, { sequence: 5, n: 0 }, 0, body);
  amended.tell(state, { sequence: 5, n: 0 }, 0, { ...body, amount: 50 });
  amended.settle(state, { sequence: 5, n: 1 });
  amended.settle(stateNamed('other'), { sequence: 5, n: 0 });
  expect(open()).toBe(1);
  amended.settle(state, { sequence: 5, n: 0 });
  amended.settle(state, { sequence: 5, n: 0 });
  expect(said).toEqual(['1 v1 open', '1 v2 open', '1 v3 resolved']);
  expect(open()).toBe(0);
});

test('those of a reconciliation that is gone are forgotten without a word; a snapshot keeps the others', () => {
  const { core, said, stateNamed } = kernel();
  const amended = new AmendedBreaks(core);
  amended.tell(stateNamed('r'), { sequence: 5, n: 0 }, 0, body);
  amended.tell(stateNamed('gone'), { sequence: 6, n: 0 }, 0, body);
  amended.forgetAllOf(new Set(['gone']));
  const restored = new AmendedBreaks(core);
  restored.restore(amended.state());
  said.length = 0;
  restored.settle(stateNamed('gone'), { sequence: 6, n: 0 });
  restored.settle(stateNamed('r'), { sequence: 5, n: 0 });
  expect(said).toEqual(['1 v2 resolved']);
});

test('they are bounded: the oldest is forgotten first', () => {
  const { core, emitter, said, stateNamed } = kernel();
  const amended = new AmendedBreaks(core);
  const state = stateNamed('r');
  for (let i = 0; i <= 10_000; i++) {
    emitter.sequence = i;
    amended.tell(state, { sequence: i, n: 0 }, 0, body);
  }
  said.length = 0;
  amended.settle(state, { sequence: 0, n: 0 });
  amended.settle(state, { sequence: 1, n: 0 });
  expect(said).toEqual(['1 v2 resolved']);
});
