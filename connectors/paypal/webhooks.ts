import type { LiveContext, Webhooks } from '../contract/index.ts';
import { createCertificates } from './certificates.ts';
import type { EventReader } from './event-reader.ts';
import type { PaypalSettings } from './settings.ts';
import { verifyDelivery } from './verify.ts';

export function paypalWebhooks(
  reader: EventReader,
  context: LiveContext,
  settings: PaypalSettings,
): Webhooks {
  const certificates = createCertificates(context, settings);
  return {
    verify: (delivery) => verifyDelivery(delivery, certificates, settings),
    async read({ payload }) {
      const payments = await reader.payment(payload);
      return payments.length > 0 ? payments : reader.dispute(payload);
    },
  };
}
