import type { Break, Leg, Match } from '../../engine/domain/index.ts';
import type { ResultSink } from '../../engine/matching/index.ts';

/** Reads of a result what a writer of rows would, and sums it up. */
export class DigestSink implements ResultSink {
  matches = 0;
  breaks = 0;
  /** Differs when any result differs, or their order does. */
  digest = 0;

  accepted(): void {
    // Counted by the matchers themselves.
  }

  duplicate(): void {
    // Likewise.
  }

  refused(): void {
    throw new Error('the trace has no record to refuse');
  }

  finding(): void {
    throw new Error('the trace has nothing to find');
  }

  answer(): void {
    throw new Error('the trace has no commands');
  }

  match({ matchSequence, matchN, version, legs, difference, causes, rate, lagMs }: Match): void {
    this.matches++;
    this.#add(matchSequence + matchN + version + difference + lagMs);
    this.#add((causes.fee ?? 0) + 3 * (causes.tax ?? 0) + 5 * (causes.fx ?? 0) + 7 * (causes.tolerance ?? 0));
    if (rate !== undefined) this.#addText(rate);
    for (const leg of legs) {
      this.#add(leg.sequence + leg.allocated);
      this.#addText(leg.side);
      this.#addIdOf(leg);
    }
  }

  break({ breakSequence, breakN, version, state, kind, members, amount, dueTime, why }: Break): void {
    this.breaks++;
    this.#add(breakSequence + breakN + version + amount + dueTime);
    this.#add((why.tolerance ?? 0) + 3 * (why.difference ?? 0) + 5 * (why.timeDifference ?? 0));
    this.#addText(state);
    this.#addText(kind);
    this.#addText(why.condition);
    for (const member of members) {
      this.#add(member.sequence + member.amount);
      this.#addText(member.id);
    }
    for (const record of why.records ?? []) this.#add(record.sequence);
  }

  #add(value: number): void {
    this.digest = (Math.imul(this.digest, 31) + value) | 0;
  }

  /** As a writer of match rows does, from the bytes where there are any. */
  #addIdOf(leg: Leg): void {
    const { encodedId } = leg;
    if (encodedId === undefined) this.#addText(leg.id);
    else this.#add(encodedId.idEnd - encodedId.idStart + encodedId.idBytes[encodedId.idEnd - 1]!);
  }

  #addText(text: string): void {
    this.#add(text.length + text.charCodeAt(text.length - 1));
  }
}

/** @throws Error when two matchers that ran over the same trace do not tell the same */
export function expectSame(what: string, kernel: DigestSink, peer: DigestSink): void {
  if (kernel.digest === peer.digest && kernel.matches === peer.matches && kernel.breaks === peer.breaks)
    return;
  throw new Error(
    `${what}: the kernel gives ${kernel.matches} matches and ${kernel.breaks} break versions, the Map matcher ` +
      `${peer.matches} and ${peer.breaks}, or they differ in content`,
  );
}
