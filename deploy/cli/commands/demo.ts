import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

/** `counterfoil demo`. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .summary('show some days of a merchant, as they happen')
    .description(
      'Runs everything on simulated days of a merchant who sells through Stripe, PayPal and N-Genius and is paid out to\n' +
        'a bank: webhooks get lost, come twice or late, calls fail, and the books have their errors. All that is found.\n' +
        'It works in a fresh directory and removes it.',
    )
    .option('--exit', 'hurry, and end when everything is found and queryable')
    .option('--json', 'print one summary as JSON on standard output when it ends (with --exit)')
    .option('--seed <number>', 'tell of other days', wholeNumber, 7)
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
