export type { HttpObserver } from './observer.ts';
export { createProviderHttp } from './provider-http.ts';
export type { OwnedProviderHttp } from './provider-http.ts';
