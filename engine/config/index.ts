export * from './load.ts';
export * from './rules.ts';
export * from './schema.ts';
export type { SourceConfig } from './sources.ts';
