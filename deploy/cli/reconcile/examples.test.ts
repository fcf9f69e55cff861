import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogMessage, PartitionSummary } from '../../../engine/domain/index.ts';
import type { KernelOptions, ResultSink } from '../../../engine/matching/kernel-types.ts';
import { ReferenceMatcher } from '../../../engine/testing/index.ts';
import type { Result } from '../../../engine/testing/index.ts';
import { reconcile } from './reconcile.ts';
import type { FileMatcher } from './run.ts';

const EXAMPLES = join(dirname(fileURLToPath(import.meta.url)), '../../../examples');

type Line = { readonly type: string } & { readonly [field: string]: unknown };

/** Each configuration that has results beside it: `x.expected.ndjson` of `x.yaml`, `expected.ndjson` of `reconcile.yaml`. */
const CASES = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: folder }) =>
    readdirSync(join(EXAMPLES, folder))
      .filter((file) => file.endsWith('expected.ndjson'))
      .map((expected) => ({
        name: join(folder, expected.replace(/\.?expected\.ndjson$/, '') || 'reconcile'),
        expected: join(EXAMPLES, folder, expected),
      })),
  );

/** The reference matcher in the kernel's place: the same command, judged by the plain implementation. */
class ReferenceFileMatcher implements FileMatcher {
  readonly #matcher: ReferenceMatcher;

  constructor(options: KernelOptions) {
    this.#matcher = new ReferenceMatcher(options);
  }

  apply(message: LogMessage, sink: ResultSink): void {
    const { frame } = message;
    for (const result of this.#matcher.apply(message)) {
      if (frame.kind === 'records' && result.type === 'duplicate') sink.duplicate(frame, result.row);
      else if (frame.kind === 'records' && result.type === 'refused')
        sink.refused(frame, result.row, result.n, result.code, result.reason);
      else tell(result, sink);
    }
  }

  finish(sink: ResultSink): void {
    for (const result of this.#matcher.finish()) tell(result, sink);
  }

  summary(): PartitionSummary {
    const { records, duplicates, deadLetters, unrouted, findings, open } = this.#matcher.counts();
    return {
      partition: 0,
      sequence: 0,
      logTime: 0,
      watermark: null,
      records,
      duplicates,
      unrouted,
      findings,
      deadLetters,
      open,
      reconciliations: [],
    };
  }
}

function tell(result: Result, sink: ResultSink): void {
  if (result.type === 'match') sink.match(result);
  else if (result.type === 'break') sink.break(result);
  else if (result.type === 'finding') sink.finding(result);
  else if (result.type === 'answer') sink.answer(result);
}

function lines(text: string): Line[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

/** Lines of one type in the order of what they are about, so that the expected ones may be written in any. */
function inOrder(all: readonly Line[], type: string): Line[] {
  const key = (line: Line): string =>
    JSON.stringify([line['commandId'], line['left'], line['right'], line['id']]);
  return all.filter((line) => line.type === type).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'counterfoil-examples-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe.each([
  ['the kernel', undefined],
  ['the reference matcher', (options: KernelOptions) => new ReferenceFileMatcher(options)],
])('the examples, by %s', (_who, createMatcher) => {
  it.each(CASES)('$name', async ({ name, expected }) => {
    const out = join(directory, 'out.ndjson');
    await reconcile({ file: join(EXAMPLES, `${name}.yaml`), out, createMatcher });
    const found = lines(readFileSync(out, 'utf8'));
    const wanted = lines(readFileSync(expected, 'utf8'));
    for (const type of ['match', 'break', 'command', 'finding', 'deadLetter']) {
      expect(inOrder(found, type), type).toMatchObject(inOrder(wanted, type));
    }
    const summary = wanted.find((line) => line.type === 'summary');
    if (summary !== undefined) expect(found.at(-1)).toMatchObject(summary);
  });
});

it('there are examples', () => {
  expect(CASES.length).toBeGreaterThan(20);
});
