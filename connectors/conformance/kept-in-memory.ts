import type { KeptTexts } from '../contract/index.ts';

/** Keeps texts for as long as the test, for sessions that are not restarted. */
export function keptInMemory(texts: Iterable<string> = []): KeptTexts {
  const kept = new Set(texts);
  return {
    all: () => [...kept],
    keep(text) {
      kept.add(text);
      return Promise.resolve();
    },
    drop(dropped) {
      for (const text of dropped) kept.delete(text);
      return Promise.resolve();
    },
  };
}
