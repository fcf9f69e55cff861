export * from './load.ts';
export * from './rules.ts';
export * from './schema.ts';
export type { ConnectorSchemas, SourceConfig } from './sources.ts';
export { didYouMean } from './suggest.ts';
