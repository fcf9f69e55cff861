import { CounterfoilError } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import { deadLetter, hasOrigin } from '../contract/index.ts';
import type { Connector, LiveContext, LiveSession, PushContext } from '../contract/index.ts';
import { expiryNotice } from './assertion.ts';
import { createSwiftApi } from './client.ts';
import { swiftApiPolling } from './poll.ts';
import { readContent, readerOfContent } from './readers.ts';
import { swiftApiSettings } from './settings.ts';
import type { SwiftApiSettings } from './settings.ts';

/** Bank statements, reports and transfers that a bank's API gives out behind SWIFT's OAuth. */
export const swiftApi: Connector<SwiftApiSettings> = {
  name: 'swift-api',
  title: "statements and transfers from a bank's API (SWIFT OAuth)",
  capabilities: {
    files: false,
    push: false,
    webhooks: false,
    polling: true,
    balances: true,
    appendable: false,
  },
  settings: swiftApiSettings,
  retranslate,
  open,
};

function open(context: LiveContext, settings: SwiftApiSettings): LiveSession {
  const api = createSwiftApi(context, settings);
  const notice = expiryNotice(settings, context.source, context.now());
  if (notice !== undefined) context.notice(notice);
  return { polling: swiftApiPolling(api, context, settings) };
}

/** A part of a statement has no ids without the rest of it: what is read again is a whole one. */
async function retranslate(
  payload: string,
  context: PushContext,
  settings: SwiftApiSettings,
): Promise<Translated[]> {
  const file = { ...context, file: 'payload' };
  const items: Translated[] = [];
  try {
    const reader = readerOfContent(payload, settings);
    for await (const batch of readContent(reader, Buffer.from(payload), file, settings)) items.push(...batch);
    if (!items.some(hasOrigin)) {
      throw new CounterfoilError('malformedStatement', 'there is no line in it; give the whole statement');
    }
  } catch (error) {
    items.push(deadLetter(context.source, error, { offset: context.delivery, ordinal: 0 }, payload));
  }
  return items;
}
