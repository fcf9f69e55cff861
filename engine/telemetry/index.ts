export * from './logger.ts';
export * from './metrics.ts';
export { BREAKER_VALUES } from './provider-metrics.ts';
