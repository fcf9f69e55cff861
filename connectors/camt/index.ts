import type { Translated } from '../../engine/domain/index.ts';
import { Batches, deadLetter, fileChunks } from '../contract/index.ts';
import type { Connector, FileContext, FileInput } from '../contract/index.ts';
import { ENTRY_LIMIT_BYTES, MessageReader } from './message-reader.ts';
import { camtSettings } from './settings.ts';
import type { CamtSettings } from './settings.ts';
import { malformed } from './statement-head.ts';
import { CamtTranslator } from './translate.ts';
import { XmlReader } from './xml-reader.ts';
import { decodeBytes } from './xml-text.ts';

/** Bank reports, statements and notifications as ISO 20022 XML: camt.052, camt.053 and camt.054 from version 02 on. */
export const camt: Connector<CamtSettings> = {
  name: 'camt',
  title: 'bank statements (ISO 20022 camt.052, 053, 054)',
  capabilities: {
    files: true,
    push: false,
    webhooks: false,
    polling: false,
    balances: true,
    appendable: false,
  },
  settings: camtSettings,
  readFile: (path, context, settings) => readCamt(path, context, settings),
};

/** @param limitBytes see {@link ENTRY_LIMIT_BYTES} */
export async function* readCamt(
  input: FileInput,
  context: FileContext,
  settings: CamtSettings,
  limitBytes: number = ENTRY_LIMIT_BYTES,
): AsyncGenerator<Translated[]> {
  const batches = new Batches();
  const translator: CamtTranslator = new CamtTranslator({
    context,
    settings,
    add: (item) => {
      batches.add(item);
    },
    payload: () => xml.marked(),
    decode: (text) => (xml.hasHighBytes ? decodeBytes(text) : text),
  });
  const messages: MessageReader = new MessageReader(translator, () => xml, limitBytes);
  const xml: XmlReader = new XmlReader(messages);
  let isEmpty = true;
  try {
    for await (const chunk of fileChunks(input, context.file, 0, context.size)) {
      isEmpty = false;
      xml.write(chunk);
      yield* batches.take();
    }
    if (!isEmpty) xml.end();
    if (!isEmpty && messages.statements === 0) {
      throw malformed(
        'the file has no statement in it (no Stmt, Rpt or Ntfctn in a BkToCstmrStmt, BkToCstmrAcctRpt or BkToCstmrDbtCdtNtfctn); is it camt.052, 053 or 054?',
      );
    }
    translator.end(true);
  } catch (error) {
    // What could be read before is there; what comes after cannot be told apart.
    const isOurs = error instanceof Error && 'code' in error && error.code === 'malformedStatement';
    if (!isOurs) throw error;
    const { entry } = messages.underWay;
    const { offset, line } = entry ?? xml.place;
    const origin = { file: context.file, line, offset, ordinal: 0 };
    batches.add(deadLetter(context.source, error, origin, xml.marked()));
    translator.end(false);
  }
  yield* batches.end();
}
