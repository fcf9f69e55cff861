export type { HttpClock } from './clock.ts';
export type { BreakerState, HttpObserver, RequestOutcome } from './observer.ts';
export { httpSettings } from './settings.ts';
export type { HttpDefaults, HttpSettings, RateLimit } from './settings.ts';
export { createProviderHttp } from './provider-http.ts';
export type { OwnedProviderHttp, ProviderHttpOptions } from './provider-http.ts';
