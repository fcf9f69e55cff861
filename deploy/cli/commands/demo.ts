import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

/** `counterfoil demo`. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .summary('show a day of a merchant, as it happens')
    .description(
      "Runs everything on a day of a merchant: a gateway's charges as they come, a bank statement, a ledger,\n" +
        'with the ordinary troubles in it. It works in a fresh directory and removes it.',
    )
    .option('--exit', 'end when the day is over and everything is found and queryable')
    .option('--json', 'print one summary as JSON on standard output when it ends (with --exit)')
    .option('--seed <number>', 'tell another day', wholeNumber, 7)
    .option('--port <number>', 'port of the API; 0 takes a free one', wholeNumber, 0)
    .addHelpText('after', '\nExamples:\n  counterfoil demo\n  counterfoil demo --exit --json')
    .action(async (options: { exit?: boolean; json?: boolean; seed: number; port: number }) => {
      const { demo } = await import('../demo/demo.ts');
      const { exit = false, json = false, seed, port } = options;
      process.exitCode = await demo({ exit, json, seed, port });
    });
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`"${text}" is not a whole number`);
}
