import type { Command } from '../../../domain/index.ts';

/** A command that may be carried out: what it does, and its effects. Or why it is refused. */
export type Verdict = { readonly refused: string } | { readonly done: string; readonly carryOut: () => void };

/** The commands of one kind. */
export type CommandOf<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;
