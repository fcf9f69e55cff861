import type { z } from 'zod';
import { RecordFrameBuilder } from '../../engine/codec/index.ts';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { MoneyRecord, Origin, Translated } from '../../engine/domain/index.ts';
import { deadLetter, jsonText, rereadJson, toRecord } from '../contract/index.ts';
import type { Connector, PushContext, RawRecord } from '../contract/index.ts';
import { jsonMapping } from '../mapping/index.ts';
import { postedRecordSchema } from './schema.ts';
import type { PostedRecord } from './schema.ts';
import { httpJsonSettings } from './settings.ts';
import type { HttpJsonSettings } from './settings.ts';

/** Records as JSON, posted to the API. */
export const httpJson: Connector<HttpJsonSettings> = {
  name: 'http-json',
  title: 'records posted to the API as JSON',
  capabilities: {
    files: false,
    push: true,
    webhooks: false,
    polling: false,
    balances: false,
    appendable: false,
  },
  settings: httpJsonSettings,
  translate: translatePosted,
  retranslate: (payload, context, settings) =>
    rereadJson(payload, context, JSON.parse, (posted) => translatePosted(posted, context, settings)),
};

/**
 * @param payload a batch `{ source?, records }`, a list of records, or one record. The n-th item that comes back is of
 *   the n-th record.
 */
function translatePosted(payload: unknown, context: PushContext, settings: HttpJsonSettings): Translated[] {
  // What no frame can hold is refused here, so that the answer to the post says so.
  const frame = new RecordFrameBuilder();
  const holdable = (record: MoneyRecord): MoneyRecord => {
    frame.reset();
    frame.add(record);
    return record;
  };
  const mapping = settings.fields === undefined ? undefined : jsonMapping(settings);
  const own = mapping?.contextOf(context) ?? context;
  return recordsOf(payload).map((element, ordinal) => {
    const origin: Origin = { offset: context.delivery, ordinal };
    try {
      const raw = mapping === undefined ? toRaw(element) : mapping.toRaw(element, payload, context);
      const record = holdable(toRecord(raw, own, settings));
      return { type: 'record', record, origin };
    } catch (error) {
      return deadLetter(context.source, error, origin, jsonText(element));
    }
  });
}

function recordsOf(payload: unknown): readonly unknown[] {
  if (Array.isArray(payload)) return payload;
  if (
    typeof payload === 'object' &&
    payload !== null &&
    'records' in payload &&
    Array.isArray(payload.records)
  ) {
    return payload.records;
  }
  return [payload];
}

/** @throws CounterfoilError `invalidField` naming the first field that has not the right shape */
function toRaw(element: unknown): RawRecord {
  const result = postedRecordSchema.safeParse(element);
  if (!result.success) throw shapeError(result.error);
  const posted: PostedRecord = result.data;
  const { reference, references, original, ...plain } = posted;
  if (
    reference !== undefined &&
    references?.['reference'] !== undefined &&
    references['reference'] !== reference
  ) {
    throw new CounterfoilError('invalidField', 'reference and references.reference differ; send one of them');
  }
  return {
    ...plain,
    version: plain.version?.toString(),
    time: plain.time.toString(),
    references: { ...references, ...(reference === undefined ? {} : { reference }) },
    originalAmount: original?.amount,
    originalCurrency: original?.currency,
    groupCount: plain.groupCount?.toString(),
    attributes: plain.attributes ?? {},
  };
}

function shapeError(error: z.ZodError): CounterfoilError {
  const issue = error.issues[0]!;
  const path = issue.path.map(String).join('.');
  return new CounterfoilError(
    path === '' && issue.code === 'invalid_type' ? 'invalidRecord' : 'invalidField',
    `${path === '' ? 'the record' : path}: ${issue.message.replaceAll(/\s*\n\s*/g, ' ').slice(0, 300)}`,
  );
}
