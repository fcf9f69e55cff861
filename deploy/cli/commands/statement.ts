import type { Command } from 'commander';
import { EXIT_BREAKS, EXIT_EMPTY } from '../exit.ts';
import type { FeesOptions, StatementOptions } from '../client/statement.ts';

const WHERE = 'The API is found by --url, COUNTERFOIL_URL, or api.port of ./counterfoil.yaml.';

/** `counterfoil statement` and `counterfoil fees`. */
export function addStatement(program: Command): void {
  program
    .command('statement')
    .summary('say whether everything is accounted for')
    .description(
      'Takes Σleft − Σright of each set of reconciliations that share pools apart: differences of matches by cause,\n' +
        'write-offs, conversions, what is pending and what is in breaks. What is left is the residual, and should be 0.\n' +
        'Asks a running API.',
    )
    .option('--reconciliation <name>', 'only the set that this one is in')
    .option('--day <date>', 'what one day of the log brought, such as 2026-11-20')
    .option('--from <time>', 'beginning of a stretch of the log, inclusive')
    .option('--to <time>', 'its end, exclusive')
    .option('--as-of <time or position>', 'everything before a moment, or through a position of the log')
    .option('--zone <name>', 'time zone of days, such as Asia/Dubai')
    .option('--url <url>', 'where the API is')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
Examples:
  counterfoil statement
  counterfoil statement --day 2026-11-20 --zone Asia/Dubai
  counterfoil statement --reconciliation gateway-to-bank --as-of 1-3-4711-0 --json

${WHERE}
Exit status: 0 everything is accounted for, 1 an error, ${EXIT_BREAKS} something is not accounted for,
${EXIT_EMPTY} the log has nothing to account for in the period or before it, so that nothing was checked.`,
    )
    .action(async (options: StatementOptions) => {
      const { statement } = await import('../client/statement.ts');
      process.exitCode = await statement(options);
    });

  program
    .command('fees')
    .summary('say what providers charged beside their contracts')
    .description('Sums the differences from fee contracts by provider and month. Asks a running API.')
    .option('--source <name>', 'only this provider')
    .option('--from <month>', 'first month, such as 2026-01')
    .option('--to <month>', 'last month')
    .option('--url <url>', 'where the API is')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  counterfoil fees\n  counterfoil fees --source ngenius --from 2026-11\n\n${WHERE}`,
    )
    .action(async (options: FeesOptions) => {
      const { fees } = await import('../client/statement.ts');
      await fees(options);
    });
}
