import type { Feature } from './random-features.ts';

/**
 * The features on which the kernel and the reference matcher agree, in any mixture. `commands` agree with those of pairs
 * (see DECIDED). Not here: `commands` with groups, `partial`, `rules` and `replace`, of which rare mixed traces differ.
 */
export const AGREED: readonly Feature[] = [
  'language',
  'hold',
  'pools',
  'twins',
  'fees',
  'fx',
  'groups',
  'contra',
  'late',
  'captureAll',
  'overdue',
];

/** Features that agree with one another, though not with every other of {@link AGREED}. */
export const DECIDED: readonly Feature[] = [
  'language',
  'hold',
  'pools',
  'twins',
  'fees',
  'overdue',
  'commands',
];

/** Those of these features that are agreed on. */
export function agreedOf(...features: readonly Feature[]): Feature[] {
  return features.filter((feature) => AGREED.includes(feature));
}
