import type { LocalDay } from '../../engine/domain/index.ts';
import type { FileContext } from '../contract/index.ts';
import { ownText } from './own-text.ts';

/** Up to which day the statements of one file are final. */
export class ClosedDays {
  readonly #context: Pick<FileContext, 'accounts' | 'zone'>;
  /** Last day that a final balance closes, by account identifier. */
  readonly #closed = new Map<string, LocalDay>();

  constructor(context: Pick<FileContext, 'accounts' | 'zone'>) {
    this.#context = context;
  }

  close(identifier: string, day: LocalDay): void {
    const before = this.#closed.get(identifier);
    if (before === undefined) this.#closed.set(ownText(identifier), day);
    else if (before < day) this.#closed.set(identifier, day);
  }

  /**
   * The start of the last day that every account's statement is final for, epoch milliseconds: no later than the time
   * of a line of that day, so that a second statement of the day does not come too late. Undefined where there is no
   * final statement, or an account of the source's map has none here.
   */
  completeThrough(): number | undefined {
    const known = this.#context.accounts.identifiers ?? [];
    if (this.#closed.size === 0 || known.some((identifier) => !this.#closed.has(identifier)))
      return undefined;
    let earliest = Infinity;
    for (const day of this.#closed.values()) earliest = Math.min(earliest, day);
    return this.#context.zone.startOfDay(earliest).time;
  }
}
