export { connectLog } from './log.ts';
export { createLeases } from './leases.ts';
export type { LogOptions } from './options.ts';
