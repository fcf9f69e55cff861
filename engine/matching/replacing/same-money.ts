import type { MoneyRecord } from '../../domain/index.ts';
import type { KernelCore } from '../core.ts';

/**
 * Whether a record is in the account and currency of the row at hand. What is amended into another one is other money:
 * neither a match nor a break goes on with it.
 */
export function isSameMoney({ reader }: KernelCore, { account, currency }: MoneyRecord): boolean {
  return (
    account === reader.accounts.text(reader.account) && currency === reader.currencies.text(reader.currency)
  );
}
