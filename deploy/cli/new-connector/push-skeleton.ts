import type { Skeleton } from './skeleton.ts';

/** A connector to which payloads are posted by way of the API. */
export function pushSkeleton({ name, identifier, type }: Skeleton): Readonly<{ [file: string]: string }> {
  return {
    'index.ts': `import { rereadJson } from '../contract/index.ts';
import type { Connector } from '../contract/index.ts';
import { ${identifier}Settings } from './settings.ts';
import type { ${type}Settings } from './settings.ts';
import { translatePosted } from './translate.ts';

/** Payments that are posted to the API: say here who posts them, and where their format is described. */
export const ${identifier}: Connector<${type}Settings> = {
  name: '${name}',
  title: 'payments of ${name}, posted to the API',
  capabilities: {
    files: false,
    push: true,
    webhooks: false,
    polling: false,
    balances: false,
    appendable: false,
  },
  settings: ${identifier}Settings,
  translate: translatePosted,
  retranslate: (payload, context, settings) =>
    rereadJson(payload, context, JSON.parse, (posted) => translatePosted(posted, context, settings)),
};
`,
    'settings.ts': `import { z } from 'zod';
import { RECORD_KINDS } from '../../engine/domain/index.ts';
import type { RecordKind } from '../../engine/domain/index.ts';
import { checkAccounts, pushSettings } from '../contract/index.ts';
import type { CommonSettings } from '../contract/index.ts';

export interface ${type}Settings extends CommonSettings {
  readonly kind: RecordKind;
}

export const ${identifier}Settings: z.ZodType<${type}Settings> = z
  .strictObject({
    ...pushSettings,
    /** The kind of every record. */
    kind: z.enum(RECORD_KINDS).prefault('charge'),
  })
  .superRefine(checkAccounts);
`,
    'translate.ts': `import type { Origin, Translated } from '../../engine/domain/index.ts';
import { deadLetter, jsonText, textAt, toRecord } from '../contract/index.ts';
import type { PushContext } from '../contract/index.ts';
import type { ${type}Settings } from './settings.ts';

/**
 * One item for each payment of a payload, in their order. Pure, and throws for nothing that the payload may hold.
 * @param payload \`{ records: [...] }\` as the API passes it on, a list, or one payment
 */
export function translatePosted(payload: unknown, context: PushContext, settings: ${type}Settings): Translated[] {
  return paymentsOf(payload).map((payment, ordinal) => {
    const origin: Origin = { offset: context.delivery, ordinal };
    try {
      const raw = {
        id: textAt(payment, 'id') ?? '',
        amount: textAt(payment, 'amount'),
        currency: textAt(payment, 'currency'),
        time: textAt(payment, 'paidAt'),
        references: {},
        attributes: {},
      };
      return { type: 'record', record: toRecord(raw, context, settings), origin };
    } catch (error) {
      return deadLetter(context.source, error, origin, jsonText(payment));
    }
  });
}

function paymentsOf(payload: unknown): readonly unknown[] {
  const records = (payload as { readonly records?: unknown } | null)?.records ?? payload;
  return Array.isArray(records) ? records : [records];
}
`,
    'translate.test.ts': `import { expect, test } from 'vitest';
import { Zone } from '../../engine/domain/index.ts';
import { Accounts } from '../contract/index.ts';
import { ${identifier}Settings } from './settings.ts';
import { translatePosted } from './translate.ts';

const settings = ${identifier}Settings.parse({});
const context = {
  ...{ source: 's', zone: new Zone('UTC'), accounts: new Accounts(settings), delivery: 1 },
  notice: () => undefined,
};
const payment = { id: 'p1', amount: '12.30', currency: 'AED', paidAt: '2026-11-22T10:00:00Z' };

test.each([
  ['a payment', payment, { type: 'record', record: { id: 'p1', amount: 1230n, currency: 'AED' } }],
  ['a payment back', { ...payment, amount: '-1' }, { type: 'record', record: { amount: -100n } }],
  ['an amount that is none', { ...payment, amount: 'x' }, { type: 'deadLetter', deadLetter: { code: 'invalidAmount' } }],
  ['no id', { ...payment, id: 7 }, { type: 'deadLetter', deadLetter: { code: 'invalidField' } }],
  ['nothing', null, { type: 'deadLetter' }],
])('%s', (_, posted, item) => {
  expect(translatePosted({ records: [posted] }, context, settings)).toMatchObject([item]);
});
`,
  };
}
