import type { Feature } from './random-features.ts';

/** The features on which the kernel and the reference matcher agree, in any mixture. */
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
  'partial',
  'overdue',
  'commands',
  'rules',
  'replace',
  'rates',
];

/** Those of these features that are agreed on. */
export function agreedOf(...features: readonly Feature[]): Feature[] {
  return features.filter((feature) => AGREED.includes(feature));
}
