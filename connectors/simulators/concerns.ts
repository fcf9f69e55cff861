import type { Happening, Provider } from './scenario/index.ts';

/** Whether a happening is about a payment or payout at `provider`, of one of `merchants` (all where there are none). */
export function concerns(
  happening: Happening,
  provider: Provider,
  merchants: readonly string[] | undefined,
): boolean {
  const subject =
    'payment' in happening ? happening.payment : 'payout' in happening ? happening.payout : undefined;
  return subject?.provider === provider && merchants?.includes(subject.merchant) !== false;
}
