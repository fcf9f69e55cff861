import { encodeFrame } from '../../engine/codec/index.ts';
import type { Log, RuleSet } from '../../engine/domain/index.ts';
import { checkRuleSet } from './rule-set.ts';
import type { CommandLog } from './submit.ts';

/** How a rule set lies in the log. */
export interface RulesText {
  readonly json: (rules: RuleSet) => string;
  readonly hash: (rules: RuleSet) => string;
}

/** Commands over the log's own streams. */
export function createCommandLog(
  log: Pick<Log, 'append' | 'state'>,
  partitions: number,
  text: RulesText,
): CommandLog {
  return {
    partitions,
    epoch: async (partition) => (await log.state(partition)).epoch,
    append: async (partition, command) => {
      const payload = encodeFrame({ kind: 'command', json: JSON.stringify(command) });
      await log.append(partition, payload, `command-${partition}-${command.id}`);
    },
    rules: (posted) => {
      const rules = checkRuleSet(posted);
      return { kind: 'rules', json: text.json(rules), hash: text.hash(rules) };
    },
  };
}
