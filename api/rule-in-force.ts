import type { Reconciliation } from '../engine/domain/index.ts';

/** A rule's definition as the API shows it; durations in milliseconds. */
export interface RuleInForce {
  readonly name: string;
  readonly keys: readonly string[];
  readonly tolerance: { readonly amount?: string | Readonly<{ [currency: string]: string }> };
  readonly window: { readonly beforeMs: number; readonly afterMs: number; readonly graceMs: number };
}

/** The rule of that name in the reconciliation of that name, if both are in force now. */
export function ruleInForce(
  reconciliations: readonly Reconciliation[] | undefined,
  reconciliation: string,
  rule: string,
): RuleInForce | undefined {
  const definition = reconciliations?.find(({ name }) => name === reconciliation);
  const found = definition?.rules.find(({ name }) => name === rule);
  if (definition === undefined || found === undefined) return undefined;
  const { amount } = found.tolerance;
  return {
    name: found.name,
    keys: found.keys,
    tolerance: amount === undefined ? {} : { amount },
    window: {
      beforeMs: definition.window.before,
      afterMs: definition.window.after,
      graceMs: definition.window.grace,
    },
  };
}
