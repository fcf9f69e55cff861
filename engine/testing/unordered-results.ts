import type { Break, LogMessage, Match, RecordRef } from '../domain/index.ts';
import type { Result } from './results.ts';

/**
 * Results as sorted texts without their order, their places in the log and their identifiers: two runs with the same
 * texts say the same, perhaps at other places. A record is named by its number in the whole log, a match or break by
 * what its first version says.
 * @param messages the messages that caused the results, and hold their records
 */
export function unordered(messages: readonly LogMessage[], results: readonly Result[]): string[] {
  const names = new Names(messages);
  for (const result of results) names.learn(result);
  return results.map((result) => names.textOf(result)).sort();
}

class Names {
  /** Sequences of messages, ascending, each with the number of its first record. */
  readonly #rows: { readonly sequence: number; readonly first: number }[] = [];
  readonly #matches = new Map<string, string>();
  readonly #breaks = new Map<string, string>();

  constructor(messages: readonly LogMessage[]) {
    let rows = 0;
    for (const { sequence, frame } of messages) {
      this.#rows.push({ sequence, first: rows });
      if (frame.kind === 'records') rows += frame.count;
    }
  }

  /** Names a match or break by its first version; what it speaks of came before. */
  learn(result: Result): void {
    if (result.type === 'match' && result.version === 1) {
      this.#matches.set(`${result.matchSequence}-${result.matchN}`, this.#matchText(result));
    } else if (result.type === 'break' && result.version === 1) {
      this.#breaks.set(`${result.breakSequence}-${result.breakN}`, this.#breakText(result));
    }
  }

  textOf(result: Result): string {
    switch (result.type) {
      case 'accepted':
      case 'duplicate':
        return JSON.stringify({ ...result, row: 0 });
      case 'refused':
        return JSON.stringify({ ...result, row: 0, n: 0 });
      case 'finding':
      case 'answer':
        return JSON.stringify({ ...result, sequence: 0, n: 0, logTime: 0 });
      case 'match':
        return `${this.#matchText(result)} of ${this.#matchAt(result.matchSequence, result.matchN)}`;
      case 'break': {
        const resolved = result.resolvedBy;
        const by = resolved === undefined ? '' : ` by ${this.#matchAt(resolved.sequence, resolved.n)}`;
        const first = this.#breaks.get(`${result.breakSequence}-${result.breakN}`) ?? '';
        return `${this.#breakText(result)}${by} of ${first}`;
      }
    }
  }

  #matchAt(sequence: number, n: number): string {
    return this.#matches.get(`${sequence}-${n}`) ?? 'unknown';
  }

  #matchText(match: Match): string {
    const legs = match.legs.map((leg) => this.#record(leg));
    return JSON.stringify({ ...match, sequence: 0, n: 0, logTime: 0, matchSequence: 0, matchN: 0, legs });
  }

  #breakText({ why, ...version }: Break): string {
    const places = { sequence: 0, n: 0, logTime: 0, breakSequence: 0, breakN: 0, resolvedBy: undefined };
    return JSON.stringify({
      ...version,
      ...places,
      members: version.members.map((member) => this.#record(member)),
      why: {
        ...why,
        records: why.records?.map((each) => this.#record(each)),
        match: why.match === undefined ? undefined : this.#matchAt(why.match.sequence, why.match.n),
      },
    });
  }

  #record<T extends RecordRef>(ref: T): T {
    // Where every record is a message of its own, its sequence lies between those of two frames.
    const { sequence, first } = this.#rows.findLast((each) => each.sequence <= ref.sequence)!;
    return { ...ref, sequence: 0, ordinal: first + ref.sequence - sequence + ref.ordinal };
  }
}
