import { PartitionKernel } from './kernel.ts';
import type { Kernel, KernelOptions } from './kernel-types.ts';

export type {
  ExpiryBudget,
  Kernel,
  KernelOptions,
  KernelSnapshot,
  ResultSink,
  SeenSegment,
} from './kernel-types.ts';
export { EXPIRY_BUDGET } from './due-events.ts';
export { restoreKernel } from './restore-kernel.ts';
export { SEEN_ENTRY_BYTES } from './seen-set.ts';

/** An empty kernel: its first message must be one of rules. */
export function createKernel(options: KernelOptions): Kernel {
  return new PartitionKernel(options);
}
