import type { Command } from '../../domain/index.ts';
import type { Matcher } from '../matcher.ts';
import type { ReconciliationState } from '../reconciliation-state.ts';
import { NO_ENTRY } from '../slab.ts';
import type { CommandHost } from './commander.ts';
import { pointedRecords } from './pointed-records.ts';

/** The break that an `assignReason` command means, as its number in an entry; or why there is none, in one line. */
export function planReason(
  { core }: Matcher,
  host: Pick<CommandHost, 'identifierOf'>,
  state: ReconciliationState,
  command: Extract<Command, { kind: 'assignReason' }>,
): number | string {
  const records = pointedRecords(core, state, [command.record]);
  if (typeof records === 'string') return records;
  const broken = core.entries.break(records[0]!);
  if (broken !== NO_ENTRY) {
    const { sequence, n } = positionOf(core, broken);
    if (sequence === command.break.sequence && n === command.break.n) return broken;
  }
  const { record, break: meant } = command;
  return `record "${record.id}" of source "${record.source}" is not in break ${host.identifierOf(meant.sequence, meant.n)}`;
}

/** The break's next version says why people think it broke, and so do all later ones. */
export function assignReason({ core }: Matcher, broken: number, reason: string): void {
  if (broken < NO_ENTRY) {
    core.groups.setReason(broken, reason);
    return;
  }
  core.breaks.setReason(broken, reason);
  core.breaks.nextVersion(broken);
  core.emitter.break(core.stateOf(core.breaks.owner(broken)), broken);
}

/** Place of a break's first version. */
function positionOf(
  core: Matcher['core'],
  broken: number,
): { readonly sequence: number; readonly n: number } {
  if (broken < NO_ENTRY) return core.groups.positionOf(broken);
  return { sequence: core.breaks.sequence(broken), n: core.breaks.n(broken) };
}
