import { CounterfoilError } from '../engine/domain/index.ts';
import type { Publisher, Translated } from '../engine/domain/index.ts';
import type { ApiDeps, RefusedInput } from './deps.ts';

/**
 * A source that takes posts.
 * @returns one item for each posted record, in order; an item that is no record is a dead letter in its place
 */
export type PushTranslator = (payload: { readonly records: readonly unknown[] }) => readonly Translated[];

/**
 * Takes posted records: translated by their source's connector, then published. Dead letters are published with them,
 * so that an answer is given only when nothing can be lost any more.
 * @param translators by the name of their source, for every source that takes posts
 */
export function createIngest(
  translators: ReadonlyMap<string, PushTranslator>,
  publisher: Publisher,
): ApiDeps['ingest'] {
  return async (source, records) => {
    const translate = translators.get(source);
    if (translate === undefined) throw unknownSource(source, [...translators.keys()]);
    const items = translate({ records });
    await publisher.publish(source, items);
    const deadLetters: RefusedInput[] = [];
    let accepted = 0;
    for (const item of items) {
      if (item.type === 'record') accepted++;
      if (item.type !== 'deadLetter') continue;
      const { code, reason, origin } = item.deadLetter;
      deadLetters.push({ index: origin.ordinal, code, reason });
    }
    return { accepted, deadLetters };
  };
}

function unknownSource(source: string, known: readonly string[]): CounterfoilError {
  const names = known.slice(0, 20).join(', ');
  return new CounterfoilError(
    'unknownSource',
    `no source "${source.slice(0, 64)}" takes posts; ` +
      (known.length === 0
        ? 'configure one with connector: http-json'
        : `use ${names}, or configure it with connector: http-json`),
  );
}
