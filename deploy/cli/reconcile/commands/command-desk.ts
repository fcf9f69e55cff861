import { readRecord } from '../../../../engine/codec/index.ts';
import type { Config, FileCommand } from '../../../../engine/config/index.ts';
import { formatPosition, poolOf } from '../../../../engine/domain/index.ts';
import type {
  Break,
  CarriedRecord,
  Command,
  Match,
  MoneyRecord,
  Reconciliation,
  RecordFrame,
  RecordPointer,
  Side,
} from '../../../../engine/domain/index.ts';
import type { ResultListener } from '../collector.ts';
import type { RowOrder } from '../order.ts';
import type { CommandLine } from '../result-lines.ts';
import type { Timeline } from '../timeline.ts';
import { NotNamed, RecordsNamed } from './records-named.ts';

const MAX_N = 2 ** 20;

interface KnownMatch {
  readonly sequence: number;
  readonly n: number;
  readonly version: number;
  readonly rule: string;
  readonly state: Match['state'];
}

interface Position {
  readonly sequence: number;
  readonly n: number;
}

/**
 * Turns the commands of a file, which name records by their ids and matches by their legs, into those of the engine,
 * which name them by their places: from the input, and from the results so far.
 */
export class CommandDesk implements ResultListener {
  readonly #commands: readonly FileCommand[];
  readonly #records: RecordsNamed;
  readonly #frames: readonly RecordFrame[];
  readonly #order: RowOrder;
  readonly #timeline: Timeline;
  readonly #sequenceOfRow: (row: number) => number;
  /** By reconciliation and legs; the latest of equal legs. */
  readonly #matches = new Map<string, KnownMatch>();
  /** Of a match by its position, to forget legs that it no longer has. */
  readonly #legsOf = new Map<number, string>();
  /** By reconciliation and member. */
  readonly #breaks = new Map<string, Position>();
  /** By pool and leg: the match that has the record. */
  readonly #matched = new Map<string, Position>();
  readonly #reconciliations: readonly Reconciliation[];

  /** @param sequenceOfRow the sequence of a row of the frame that the kernel has at hand */
  constructor(
    config: Config,
    commands: readonly FileCommand[],
    frames: readonly RecordFrame[],
    order: RowOrder,
    timeline: Timeline,
    sequenceOfRow: (row: number) => number,
  ) {
    this.#commands = commands;
    this.#reconciliations = config.reconciliations;
    this.#records = new RecordsNamed(config, commands, frames, order, timeline);
    this.#frames = frames;
    this.#order = order;
    this.#timeline = timeline;
    this.#sequenceOfRow = sequenceOfRow;
  }

  dropped(row: number): void {
    this.#records.drop(this.#sequenceOfRow(row));
  }

  match(match: Match): void {
    for (const { side, sequence } of match.legs) {
      if (!this.#records.has(sequence)) continue;
      const place = `${match.pools[side === 'left' ? 0 : 1]}/${sequence}`;
      if (match.state === 'matched')
        this.#matched.set(place, { sequence: match.matchSequence, n: match.matchN });
      else this.#matched.delete(place);
    }
    const key = match.matchSequence * MAX_N + match.matchN;
    const before = this.#legsOf.get(key);
    if (before !== undefined) {
      // The legs of an earlier version are those of no match any more.
      this.#matches.delete(before);
      this.#legsOf.delete(key);
    }
    if (!match.legs.every(({ sequence }) => this.#records.has(sequence))) return;
    const legs = legsKey(match.reconciliation, match.legs);
    this.#legsOf.set(key, legs);
    this.#matches.set(legs, {
      sequence: match.matchSequence,
      n: match.matchN,
      version: match.version,
      rule: match.rule,
      state: match.state,
    });
  }

  break(version: Break): void {
    const { reconciliation, members, breakSequence, breakN } = version;
    for (const { sequence } of members) {
      if (!this.#records.has(sequence)) continue;
      const key = `${reconciliation}/${sequence}`;
      if (version.state === 'open') this.#breaks.set(key, { sequence: breakSequence, n: breakN });
      else this.#breaks.delete(key);
    }
  }

  /** Command `index` as the engine takes it, or the answer that refuses it here. */
  resolve(index: number): { readonly command: Command } | { readonly refusal: CommandLine } {
    const written = this.#commands[index]!;
    const { id, kind, by, why } = written;
    try {
      return { command: this.#toCommand(written, this.#timeline.sequenceOfCommand(index)) };
    } catch (error) {
      if (!(error instanceof NotNamed)) throw error;
      return { refusal: { commandId: id, kind, accepted: false, reason: error.message, by, why } };
    }
  }

  #toCommand(written: FileCommand, before: number): Command {
    const { id, by, why, kind, reconciliation } = written;
    const find = (side: Side): { readonly side: Side; readonly pointer: RecordPointer }[] =>
      written[side].map((named) => ({
        side,
        pointer: this.#records.find(reconciliation, side, named, before),
      }));
    const named = [...find('left'), ...find('right')];
    const records = named.map(({ pointer }) => pointer);
    const carried = (): { side: Side; record: CarriedRecord }[] =>
      named.map(({ side, pointer }) => ({ side, record: this.#carry(pointer) }));
    const common = { id, by, why, reconciliation };
    switch (kind) {
      case 'match':
      case 'adjust':
      case 'writeOff':
        return { ...common, kind, records };
      case 'unmatch': {
        const match = this.#matchOf(reconciliation, named, 'matched');
        if (match === undefined) throw new NotNamed('no match has exactly these legs at that time');
        const { sequence, n, version, rule } = match;
        return { ...common, kind, match: { sequence, n }, version, rule, records: carried() };
      }
      case 'reopen': {
        const undone = this.#matchOf(reconciliation, named, 'unmatched');
        if (undone === undefined) {
          for (const { side, pointer } of named) this.#requireFree(reconciliation, side, pointer);
          return { ...common, kind, records: carried() };
        }
        return { ...common, kind, match: { sequence: undone.sequence, n: undone.n } };
      }
      case 'assignReason': {
        const at = this.#breakOf(reconciliation, records);
        return { ...common, kind, break: at, record: records[0]!, reason: written.reason! };
      }
    }
  }

  /** What is matched has not been written off. @throws NotNamed */
  #requireFree(reconciliation: string, side: Side, { id, sequence }: RecordPointer): void {
    const definition = this.#reconciliations.find(({ name }) => name === reconciliation)!;
    const match = this.#matched.get(`${poolOf(definition, side)}/${sequence}`);
    if (match === undefined) return;
    const at = formatPosition(0, 0, match.sequence, match.n);
    throw new NotNamed(`"${id}" is matched, by ${at}: unmatch that; what was written off can be reopened`);
  }

  /** The open break that all of these records are in. @throws NotNamed */
  #breakOf(reconciliation: string, records: readonly RecordPointer[]): Position {
    const found = records.map(({ id, sequence }) => {
      const at = this.#breaks.get(`${reconciliation}/${sequence}`);
      if (at === undefined) throw new NotNamed(`"${id}" is in no open break at that time`);
      return at;
    });
    const [first] = found;
    const other = found.findIndex(({ sequence, n }) => sequence !== first!.sequence || n !== first!.n);
    if (other < 0) return first!;
    const named = (i: number): string =>
      `"${records[i]!.id}" is in break ${formatPosition(0, 0, found[i]!.sequence, found[i]!.n)}`;
    throw new NotNamed(
      `the records are in different breaks, and a reason is given to one at a time: ${named(0)}, ${named(other)}`,
    );
  }

  #matchOf(
    reconciliation: string,
    named: readonly { readonly side: Side; readonly pointer: RecordPointer }[],
    state: Match['state'],
  ): KnownMatch | undefined {
    const legs = named.map(({ side, pointer }) => ({ side, sequence: pointer.sequence }));
    const found = this.#matches.get(legsKey(reconciliation, legs));
    return found?.state === state ? found : undefined;
  }

  #carry({ sequence, ordinal }: RecordPointer): CarriedRecord {
    const index = this.#timeline.indexOf(sequence);
    const record = readRecord(this.#frames[this.#order.frameOf[index]!]!, this.#order.rowOf[index]!);
    return { ...toNumbers(record), sequence, ordinal };
  }
}

function legsKey(
  reconciliation: string,
  legs: readonly { readonly side: Side; readonly sequence: number }[],
): string {
  const keys = legs.map(({ side, sequence }) => `${side === 'left' ? 'l' : 'r'}${sequence}`);
  return `${reconciliation}/${keys.sort().join()}`;
}

/** A record as a command carries it: amounts as numbers, which they are within the log's bounds. */
function toNumbers(record: MoneyRecord): Omit<CarriedRecord, 'sequence' | 'ordinal'> {
  const { amount, fee, tax, original, groupTotal, ...rest } = record;
  return {
    ...rest,
    amount: Number(amount),
    fee: Number(fee),
    tax: Number(tax),
    references: { ...record.references },
    attributes: { ...record.attributes },
    ...(original === undefined
      ? {}
      : { original: { amount: Number(original.amount), currency: original.currency } }),
    ...(groupTotal === undefined ? {} : { groupTotal: Number(groupTotal) }),
  };
}
