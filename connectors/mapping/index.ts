export * from './conventions.ts';
export * from './json-fields.ts';
export * from './paths.ts';
export * from './settings.ts';
export * from './words.ts';
