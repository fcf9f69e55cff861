import type { ResultSink } from '../matching/kernel-types.ts';

/** A sink for those who want what the kernel is, and not what it says. */
export const SILENT_SINK: ResultSink = {
  accepted: ignore,
  duplicate: ignore,
  refused: ignore,
  match: ignore,
  break: ignore,
  finding: ignore,
  answer: ignore,
};

function ignore(): void {
  // Nothing is kept of it.
}
