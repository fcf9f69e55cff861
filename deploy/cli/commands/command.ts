import type { Command } from 'commander';
import { whoIsHere } from '../who.ts';

interface Options {
  readonly url?: string;
  readonly by: string;
  readonly why: string;
  readonly id?: string;
  readonly json?: boolean;
}

const RECORDS = 'records: source/id such as gateway/pay_1042, or positions such as 1-3-4711-0';

/** `counterfoil command`: what people decide, sent through the log by way of the API. */
export function addCommand(program: Command): void {
  const command = program
    .command('command')
    .summary('match, write off, explain, change rules')
    .description(
      'Sends a decision through the log, by way of a running API, and says whether it was accepted, and at which\n' +
        'position of the log: it holds from there on. It is kept with who took it and why.',
    )
    .addHelpText(
      'after',
      `
Examples:
  counterfoil command match gateway-to-bank gateway/pay_1042 bank/b9 --why "the bank lost the reference"
  counterfoil command write-off gateway-to-bank 1-3-4712-0 --why "below the limit"
  counterfoil command unmatch 1-3-4720-0 --why "two customers of one name"
  counterfoil command assign-reason 1-3-4801-2 "bank charges" --why "see the fee schedule"
  counterfoil command rules counterfoil.yaml --why "tolerance for courier payments"

The API is found by --url, COUNTERFOIL_URL, or api.port of ./counterfoil.yaml.
Exit status: 0 accepted, 1 refused or an error, 3 in the log and not answered yet.`,
    );

  for (const [name, kind, summary] of [
    ['match', 'match', 'tie open records whose sums agree'],
    ['adjust', 'adjust', 'tie open records whatever the difference'],
    ['write-off', 'writeOff', 'close open records without a counterpart'],
  ] as const) {
    deciding(command, name, summary)
      .argument('<reconciliation>', 'the reconciliation that it is about')
      .argument('<record...>', RECORDS)
      .action(async (reconciliation: string, names: string[], options: Options) => {
        const { recordOf, sendCommand } = await import('../client/command.ts');
        const records = names.map((text) => recordOf(text));
        process.exitCode = await sendCommand({ kind, reconciliation, records }, options);
      });
  }

  deciding(command, 'unmatch', 'undo a match; its records do not match each other again')
    .argument('<match>', 'identifier of the match, such as 1-3-4720-0')
    .action(async (match: string, options: Options) => {
      const { sendCommand } = await import('../client/command.ts');
      process.exitCode = await sendCommand({ kind: 'unmatch', match }, options);
    });

  deciding(
    command,
    'reopen',
    'let the records of an undone match match again, or bring written-off ones back',
  )
    .option('--match <id>', 'the undone match')
    .option('--break <id>', 'the written-off break')
    .action(async (options: Options & { match?: string; break?: string }) => {
      const { sendCommand } = await import('../client/command.ts');
      const { match, break: broken } = options;
      const about = {
        ...(match === undefined ? {} : { match }),
        ...(broken === undefined ? {} : { break: broken }),
      };
      process.exitCode = await sendCommand({ kind: 'reopen', ...about }, options);
    });

  deciding(command, 'assign-reason', 'say why something broke')
    .argument('<break>', 'identifier of the break, such as 1-3-4801-2')
    .argument('<reason>', 'the reason, in a few words')
    .action(async (broken: string, reason: string, options: Options) => {
      const { sendCommand } = await import('../client/command.ts');
      process.exitCode = await sendCommand({ kind: 'assignReason', break: broken, reason }, options);
    });

  deciding(command, 'rules', 'put the rules, calendars and rates of a configuration in force')
    .argument('<file>', 'configuration (YAML)')
    .addHelpText(
      'after',
      '\nThey hold from the position of the command on, in every partition, over starts of the engine with the same\n' +
        'configuration as before. A changed configuration puts its own in force: change that file too.',
    )
    .action(async (file: string, options: Options) => {
      const { rulesOf, sendCommand } = await import('../client/command.ts');
      process.exitCode = await sendCommand(rulesOf(file), options);
    });

  command
    .command('show')
    .summary('say what became of a command')
    .argument('<id>', 'the id of the command')
    .option('--url <url>', 'where the API is')
    .option('--json', 'print the answer as JSON')
    .action(async (id: string, options: { url?: string; json?: boolean }) => {
      const { showCommand } = await import('../client/command.ts');
      process.exitCode = await showCommand(id, options);
    });
}

/** A subcommand with what every decision says. */
function deciding(parent: Command, name: string, summary: string): Command {
  return parent
    .command(name)
    .summary(summary)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .requiredOption('--why <text>', 'why, in your words')
    .option('--by <name>', 'who decides', whoIsHere())
    .option('--id <id>', 'an id of your own: the same one again changes nothing')
    .option('--url <url>', 'where the API is')
    .option('--json', 'print the answer as JSON');
}
