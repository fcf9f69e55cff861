export { openLiveSources } from './live-sources.ts';
export type { LiveSource, LiveSources } from './live-sources.ts';
export type { DeliveryOutcome, LiveObserver } from './observer.ts';
export { createWebhookApp, webhookPath } from './webhook-app.ts';
export { startWebhookServer } from './webhook-server.ts';
export type { WebhookServer } from './webhook-server.ts';
