import type { Rule, Side } from './reconciliation.ts';

/**
 * What a contra rule says and could not apply, as it ties records of one side whose amounts sum to 0: where in the rule,
 * and a message.
 */
export function* notOfOneSide(
  { keys, tolerance, where }: Pick<Rule, 'keys' | 'tolerance' | 'where'>,
  side: Side,
): Generator<[PropertyKey[], string]> {
  for (const name of ['percent', 'short', 'over'] as const) {
    if (tolerance[name] === undefined) continue;
    yield [
      ['tolerance', name],
      `a contra rule has no ${name}: tolerance.amount says how far from 0 the sum may be`,
    ];
  }
  for (const [i, key] of keys.entries()) {
    if (typeof key === 'string' || isSameJson(key.left, key.right)) continue;
    yield [
      ['keys', i],
      `a contra rule compares records of the ${side} side with each other; write what it compares of them alone, without left and right`,
    ];
  }
  const other = side === 'left' ? 'right' : 'left';
  if (where?.[other] !== undefined)
    yield [['where', other], `a contra rule of the ${side} side takes no ${other} record; leave this out`];
}

function isSameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
