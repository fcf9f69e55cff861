export type { HttpObserver } from './observer.ts';
export { createProviderHttp } from './provider-http.ts';
export type { OwnedProviderHttp, ProviderHttpOptions } from './provider-http.ts';
export { httpSettings } from './settings.ts';
