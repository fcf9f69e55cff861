export { DEFAULT_LIMITS } from './options.ts';
export type { StoreLimits, StoreLogger, StoreOptions } from './options.ts';
export { openStore } from './store.ts';
