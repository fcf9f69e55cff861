import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { Command, CommandView, ResultQueries, RulesFrame } from '../../engine/domain/index.ts';
import { ProblemError } from '../problem.ts';
import type { CommandInput } from '../schema/commands.ts';
import type { RulesReader } from '../rules-in-force.ts';
import { addressCommand, type AddressedCommand } from './address.ts';
import { whatBecame } from './became.ts';

/** Where commands go. */
export interface CommandLog {
  readonly partitions: number;
  /** Which life of a partition's stream this is. */
  epoch(partition: number): Promise<number>;
  /** Appends a command to a partition's stream. @throws `overloaded`, `brokerUnreachable`, `timeout`, `payloadTooLarge` */
  append(partition: number, command: Command): Promise<void>;
  /** A posted rule set, checked, as the log carries it. @throws ProblemError `invalidField` */
  rules(posted: Readonly<{ [name: string]: unknown }>): RulesFrame;
}

/** What became of a command. */
export interface CommandOutcome {
  readonly id: string;
  readonly state: 'accepted' | 'refused' | 'waiting';
  readonly answers: readonly CommandView[];
  /** Of one that was just refused: the reason as the store knows it better. */
  readonly because?: string;
}

const FIRST_LOOK_MS = 60;
const LONGEST_LOOK_MS = 500;

/**
 * Sends commands through the log and waits for their answers to be stored. A command whose id was answered before is
 * not sent again: its answers are given back.
 */
export class CommandDesk {
  readonly #log: CommandLog;
  readonly #queries: ResultQueries;
  readonly #inForce: RulesReader;
  readonly #waitMs: number;

  /**
   * @param inForce reads the rules by which a refusal is explained
   * @param waitMs how long an answer is waited for
   */
  constructor(log: CommandLog, queries: ResultQueries, inForce: RulesReader, waitMs: number) {
    this.#log = log;
    this.#queries = queries;
    this.#inForce = inForce;
    this.#waitMs = waitMs;
  }

  /** @throws ProblemError `notFound`, `commandRefused`, `invalidField`; CounterfoilError of the log or the store */
  async submit(input: CommandInput): Promise<CommandOutcome> {
    const id = input.id ?? randomUUID();
    if (input.id !== undefined) {
      const answers = await this.#queries.command(id);
      const other = answers.find(({ kind }) => kind !== input.kind);
      if (other !== undefined) {
        throw new ProblemError(
          'commandRefused',
          `command ${id} was a ${other.kind} of ${other.logTime}; choose another id`,
        );
      }
      if (answers.length > 0) return outcome(id, input.kind, answers, this.#log.partitions);
    }
    if (input.kind === 'rules') {
      const commands = this.#rules(input, id);
      await Promise.all(commands.map(({ partition, command }) => this.#log.append(partition, command)));
      return this.#answered(id, input.kind);
    }
    const addressed = await this.#one(input, id);
    await this.#log.append(addressed.partition, addressed.command);
    const found = await this.#answered(id, input.kind);
    return found.state === 'refused' ? this.#explained(found, addressed) : found;
  }

  /** What is known of a command; undefined where nobody has answered one of this id. */
  async look(id: string): Promise<CommandOutcome | undefined> {
    const answers = await this.#queries.command(id);
    const first = answers[0];
    return first === undefined ? undefined : outcome(id, first.kind, answers, this.#log.partitions);
  }

  async #one(input: Exclude<CommandInput, { kind: 'rules' }>, id: string): Promise<AddressedCommand> {
    const addressed = await addressCommand(input, id, this.#queries);
    const epoch = await this.#log.epoch(addressed.partition);
    if (epoch !== addressed.epoch) {
      throw new ProblemError(
        'commandRefused',
        `it is about results of life ${addressed.epoch} of partition ${addressed.partition}'s stream, which is in life ${epoch}: what was open then is not any more`,
      );
    }
    return addressed;
  }

  #rules(input: Extract<CommandInput, { kind: 'rules' }>, id: string): Omit<AddressedCommand, 'epoch'>[] {
    const { json, hash } = this.#log.rules(input.rules);
    const command: Command = { id, by: input.by, why: input.why, kind: 'rules', json, hash };
    return Array.from({ length: this.#log.partitions }, (_, partition) => ({ partition, command }));
  }

  async #explained(refused: CommandOutcome, addressed: AddressedCommand): Promise<CommandOutcome> {
    const { rules } = await this.#inForce({ partition: addressed.partition });
    const because = await whatBecame(addressed, refused.answers[0]!, this.#queries, rules);
    return because === undefined ? refused : { ...refused, because };
  }

  async #answered(id: string, kind: Command['kind']): Promise<CommandOutcome> {
    const deadline = performance.now() + this.#waitMs;
    for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LONGEST_LOOK_MS, pause * 2)) {
      await sleep(Math.max(0, Math.min(pause, deadline - performance.now())));
      const found = outcome(id, kind, await this.#queries.command(id), this.#log.partitions);
      if (found.state !== 'waiting' || performance.now() >= deadline) return found;
    }
  }
}

/** Refused where any partition refused; waiting while one is missing. */
function outcome(
  id: string,
  kind: Command['kind'],
  answers: readonly CommandView[],
  partitions: number,
): CommandOutcome {
  const expected = kind === 'rules' ? partitions : 1;
  const state = answers.some(({ accepted }) => !accepted)
    ? 'refused'
    : answers.length < expected
      ? 'waiting'
      : 'accepted';
  return { id, state, answers };
}
