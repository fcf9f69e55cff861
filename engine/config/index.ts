export * from './commands-file.ts';
export type { FileCommand, NamedRecord } from './file-commands.ts';
export * from './load.ts';
export * from './rules.ts';
export * from './schema.ts';
export type { SourceConfig } from './sources.ts';
