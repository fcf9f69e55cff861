import { parseExactJson, rereadJson } from '../contract/index.ts';
import type { Connector, LiveContext, LiveSession } from '../contract/index.ts';
import { webhookJsonSettings } from './settings.ts';
import type { WebhookJsonSettings } from './settings.ts';
import { retranslateEvent, translateEvent } from './translate.ts';
import { createVerifier } from './verify.ts';

/** Any provider that posts JSON and proves itself by an HMAC, by configuration alone. */
export const webhookJson: Connector<WebhookJsonSettings> = {
  name: 'webhook-json',
  title: 'signed webhooks of any provider, as JSON',
  capabilities: {
    files: false,
    push: false,
    webhooks: true,
    polling: false,
    balances: false,
    appendable: false,
  },
  settings: webhookJsonSettings,
  open,
  retranslate: (payload, context, settings) =>
    rereadJson(payload, context, parseExactJson, (value) =>
      retranslateEvent(value, payload, context, settings),
    ),
};

function open(context: LiveContext, settings: WebhookJsonSettings): LiveSession {
  let events = 0;
  return {
    webhooks: {
      verify: createVerifier(settings),
      read: ({ eventType, payload }, { body }) =>
        Promise.resolve(
          translateEvent(
            { eventType, payload, text: () => Buffer.from(body).toString('utf8'), offset: ++events },
            context,
            settings,
          ),
        ),
    },
  };
}
