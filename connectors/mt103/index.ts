import type { Translated } from '../../engine/domain/index.ts';
import { Batches, deadLetter, fileChunks } from '../contract/index.ts';
import type { Connector, FileContext, FileInput } from '../contract/index.ts';
import { LineReader } from '../mt940/file-lines.ts';
import { decode } from '../mt940/line-texts.ts';
import { malformed } from './fields.ts';
import { MessageAssembler } from './messages.ts';
import type { RawMessage } from './messages.ts';
import { mt103Settings } from './settings.ts';
import type { Mt103Settings } from './settings.ts';
import { translateMessage, typeOf } from './translate.ts';

/** Customer transfers as SWIFT MT103 messages: one record for each, with its UETR and its charges. */
export const mt103: Connector<Mt103Settings> = {
  name: 'mt103',
  title: 'customer transfers (SWIFT MT103 files)',
  capabilities: {
    files: true,
    push: false,
    webhooks: false,
    polling: false,
    balances: false,
    appendable: false,
  },
  settings: mt103Settings,
  readFile: (path, context, settings) => readMt103(path, context, settings),
};

/** Reads a file message by message; those of other types are passed over, which is told. */
export async function* readMt103(
  input: FileInput,
  context: FileContext,
  settings: Pick<Mt103Settings, 'direction'>,
): AsyncGenerator<Translated[]> {
  const batches = new Batches();
  const passedOver = new Set<string>();
  let messages: RawMessage[] = [];
  let count = 0;
  let first: string | undefined;
  const assembler = new MessageAssembler((message) => messages.push(message));
  const lines = new LineReader((text, number, offset) => {
    first ??= text;
    assembler.add(text, number, offset);
  });
  function* translated(): Generator<Translated[]> {
    const whole = messages;
    messages = [];
    for (const message of whole) {
      count++;
      const type = typeOf(message);
      if (type !== undefined && type !== '103') {
        passedOver.add(type);
        continue;
      }
      for (const item of translateMessage(message, context, settings)) {
        if (batches.add(item)) yield* batches.take();
      }
    }
  }
  for await (const chunk of fileChunks(input, context.file, 0, context.size)) {
    lines.push(chunk);
    yield* translated();
  }
  lines.end();
  assembler.end();
  yield* translated();
  if (passedOver.size > 0) {
    const types = [...passedOver].sort().join(', ');
    context.notice(`${context.file}: messages of other types (MT ${types}) are passed over`);
  }
  if (count === 0 && first !== undefined) {
    const origin = { file: context.file, line: 1, offset: 0, ordinal: 0 };
    const problem = malformed('the file has no message in it (no {1:, {2: or :20:); is it MT103?');
    batches.add(deadLetter(context.source, problem, origin, decode(first)));
  }
  yield* batches.end();
}
