import type { RecordFields } from '../rules/index.ts';

/** A record as the kernel's rules read it: the rule language's view, and what groups and commands ask for besides. */
export interface KernelFields extends RecordFields {
  /** Place of its message, and within it: sequence · ORDINALS + ordinal. */
  readonly arrival: number;
  readonly groupCount: number | undefined;
  /** Minor units. */
  readonly groupTotal: number | undefined;
  /** 0 where it has none. */
  readonly version: number;
}
