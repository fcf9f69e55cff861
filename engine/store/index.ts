export { DEFAULT_LIMITS } from './options.ts';
export type { StoreOptions } from './options.ts';
export { openStore } from './store.ts';
