import type { Command } from 'commander';
import { whoIsHere } from '../who.ts';

/** `counterfoil dead-letters`: what could not become a record, and reading it again. */
export function addDeadLetters(program: Command): void {
  const letters = program
    .command('dead-letters')
    .summary('list, show and read again what could not become a record')
    .description(
      'Input that could not become a record is kept with its reason, and its source goes on. Once the cause is mended,\n' +
        'in the input or in the configuration, it is read again. Asks a running API.',
    )
    .addHelpText(
      'after',
      `
Examples:
  counterfoil dead-letters list --source bank
  counterfoil dead-letters show 1-65535-17-0
  counterfoil dead-letters show 1-65535-17-0 --payload >fixed.json
  counterfoil dead-letters replay 1-65535-17-0 --with fixed.json --why "the amount had a comma"
  counterfoil dead-letters replay --source bank --why "the account is configured now"

What came in a file is read with the whole file; --with gives a corrected copy of all of it.
The API is found by --url, COUNTERFOIL_URL, or api.port of ./counterfoil.yaml.
Exit status: 0 done, 1 an error, 2 something is refused again.`,
    );

  letters
    .command('list')
    .summary('list them, the latest first')
    .description('Lists dead letters, the latest first.')
    .option('--source <name>', 'of this source only')
    .option('--all', 'also those that were read again')
    .option('--limit <n>', 'at most so many', '50')
    .option('--url <url>', 'where the API is')
    .option('--json', 'one line of JSON each')
    .action(
      async (options: { source?: string; all?: boolean; limit: string; url?: string; json?: boolean }) => {
        const { listDeadLetters } = await import('../client/dead-letters.ts');
        await listDeadLetters(options);
      },
    );

  letters
    .command('show')
    .summary('show one, with what was read')
    .description('Shows one dead letter, with what was read and why it is no record.')
    .argument('<position>', 'its position, such as 1-65535-17-0')
    .option('--payload', 'print what was read and nothing else')
    .option('--url <url>', 'where the API is')
    .option('--json', 'print it as JSON')
    .action(async (position: string, options: { payload?: boolean; url?: string; json?: boolean }) => {
      const { showDeadLetter } = await import('../client/dead-letters.ts');
      await showDeadLetter(position, options);
    });

  letters
    .command('replay')
    .summary('read them again')
    .description('Reads dead letters again, as they are now or corrected. Repeating it changes nothing.')
    .argument('[position...]', 'which ones; or all open ones of --source')
    .option('--source <name>', 'all open ones of this source')
    .option('--with <file>', 'read the content of this file in place of what is there')
    .option('--why <text>', 'why, in your words')
    .option('--by <name>', 'who reads them again', whoIsHere())
    .option('--url <url>', 'where the API is')
    .option('--json', 'one line of JSON each')
    .action(async (positions: string[], options: ReplayFlags) => {
      const { replayDeadLetters } = await import('../client/dead-letters.ts');
      process.exitCode = await replayDeadLetters(positions, options);
    });
}

interface ReplayFlags {
  readonly source?: string;
  readonly with?: string;
  readonly why?: string;
  readonly by: string;
  readonly url?: string;
  readonly json?: boolean;
}
