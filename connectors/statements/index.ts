export * from './balance-check.ts';
export * from './closed-days.ts';
export * from './continuity.ts';
export * from './own-text.ts';
