import { dictionaryAt, stringAt } from '../../../../engine/codec/index.ts';
import type { Config, FileCommand, NamedRecord } from '../../../../engine/config/index.ts';
import type { Reconciliation, RecordFrame, RecordPointer, Side } from '../../../../engine/domain/index.ts';
import type { RowOrder } from '../order.ts';
import type { Timeline } from '../timeline.ts';

/** Why a command's words name no record: one line for its answer. */
export class NotNamed extends Error {}

/** Finds the records that commands name by id, among those that were accepted before a command's turn. */
export class RecordsNamed {
  /** Sequences of the rows of each id that some command names, in processing order. */
  readonly #rows = new Map<string, { readonly source: string; readonly sequence: number }[]>();
  readonly #sequences = new Set<number>();
  readonly #dropped = new Set<number>();
  readonly #config: Config;

  constructor(
    config: Config,
    commands: readonly FileCommand[],
    frames: readonly RecordFrame[],
    { count, frameOf, rowOf }: RowOrder,
    timeline: Timeline,
  ) {
    this.#config = config;
    for (const { left, right } of commands) {
      for (const named of [...left, ...right]) this.#rows.set(idOf(named), []);
    }
    for (let i = 0; i < count; i++) {
      const frame = frames[frameOf[i]!]!;
      const rows = this.#rows.get(stringAt(frame.id, rowOf[i]!));
      if (rows === undefined) continue;
      const sequence = timeline.sequenceOf(i);
      rows.push({ source: dictionaryAt(frame.source, rowOf[i]!), sequence });
      this.#sequences.add(sequence);
    }
  }

  /** Whether a command may name the record at this sequence. */
  has(sequence: number): boolean {
    return this.#sequences.has(sequence);
  }

  /** The row at this sequence became no record. */
  drop(sequence: number): void {
    if (this.#sequences.has(sequence)) this.#dropped.add(sequence);
  }

  /** The record that a command means. @param before sequence of the command @throws NotNamed */
  find(reconciliation: string, side: Side, named: NamedRecord, before: number): RecordPointer {
    const definition = this.#config.reconciliations.find(({ name }) => name === reconciliation);
    if (definition === undefined) throw new NotNamed(`there is no reconciliation "${reconciliation}"`);
    const id = idOf(named);
    if (typeof named !== 'string') this.#requireSource(definition, side, named.source);
    const wanted = typeof named === 'string' ? definition[side].sources : [named.source];
    const found = this.#rows
      .get(id)!
      .filter(
        ({ source, sequence }) =>
          wanted.includes(source) && sequence < before && !this.#dropped.has(sequence),
      );
    const sources = [...new Set(found.map(({ source }) => source))];
    if (sources.length > 1) {
      throw new NotNamed(`"${id}" is an id in ${sources.join(' and ')}: write {source: …, id: …}`);
    }
    const last = found.at(-1);
    if (last === undefined) throw new NotNamed(`${wanted.join(' and ')} had no record "${id}" at that time`);
    const amends = this.#config.sources.find(({ name }) => name === last.source)?.amends !== undefined;
    if (found.length > 1 && !amends) {
      throw new NotNamed(
        `${last.source} has ${found.length} records with the id "${id}": a command cannot tell them apart`,
      );
    }
    return { source: last.source, id, sequence: last.sequence, ordinal: 0 };
  }

  /** @throws NotNamed for a source that does not exist, or is none of the side */
  #requireSource(definition: Reconciliation, side: Side, source: string): void {
    const {
      name,
      [side]: { sources },
    } = definition;
    if (sources.includes(source)) return;
    if (!this.#config.sources.some((each) => each.name === source))
      throw new NotNamed(`there is no source "${source}"`);
    throw new NotNamed(
      `source "${source}" is none of the ${side} side of "${name}", which has ${sources.join(' and ')}`,
    );
  }
}

function idOf(named: NamedRecord): string {
  return typeof named === 'string' ? named : named.id;
}
