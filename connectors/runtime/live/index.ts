export { KeptFile } from './kept-file.ts';
export { openLiveSources } from './live-sources.ts';
export type { LiveSource } from './live-sources.ts';
export type { LiveObserver } from './observer.ts';
export { createWebhookEndpoint, webhookListener, webhookPath } from './webhook-endpoint.ts';
