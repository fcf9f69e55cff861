import type { Cardinality, Completion, Reconciliation, Tolerance } from '../engine/domain/index.ts';
import { decidingFields } from '../engine/rules/index.ts';

/** A rule's definition as the API shows it; durations in milliseconds. */
export interface RuleInForce {
  readonly name: string;
  readonly cardinality: Cardinality;
  /** The keys, each as it would be written. */
  readonly keys: readonly string[];
  /** The keys and what is compared, as its matches say it. */
  readonly fields: readonly string[];
  readonly tolerance: Tolerance;
  readonly complete?: Completion;
  readonly partial?: true;
  readonly holdMs?: number;
  readonly unique?: true;
  readonly window: { readonly beforeMs: number; readonly afterMs: number; readonly graceMs: number };
}

/** The rule of that name in the reconciliation of that name, if both are in force now. */
export function ruleInForce(
  reconciliations: readonly Reconciliation[],
  reconciliation: string,
  rule: string,
): RuleInForce | undefined {
  const definition = reconciliations.find(({ name }) => name === reconciliation);
  const found = definition?.rules.find(({ name }) => name === rule);
  if (definition === undefined || found === undefined) return undefined;
  const fields = decidingFields(found);
  return {
    name: found.name,
    cardinality: found.cardinality ?? '1:1',
    keys: fields.slice(0, found.keys.length),
    fields,
    tolerance: found.tolerance,
    ...(found.complete === undefined ? {} : { complete: found.complete }),
    ...(found.partial === true ? { partial: true as const } : {}),
    ...(found.hold === undefined ? {} : { holdMs: found.hold }),
    ...(found.unique === true ? { unique: true as const } : {}),
    window: {
      beforeMs: definition.window.before,
      afterMs: definition.window.after,
      graceMs: definition.window.grace,
    },
  };
}
