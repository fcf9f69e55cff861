import type { Command } from 'commander';
import { EXIT_BREAKS } from '../exit.ts';

/** `counterfoil backtest`. */
export function addBacktest(program: Command): void {
  program
    .command('backtest')
    .summary('try new rules on files or on the log')
    .description(
      'Runs the same records, at the same times, through the old rules and through new ones, and says what differs:\n' +
        'matches gained, lost and changed, breaks gained and lost, and whether the rules do what people did by hand.\n' +
        'Nothing is stored; a running deployment is only read from.',
    )
    .requiredOption('--rules <path>', 'configuration (YAML) with the rules to try, and the same sources')
    .option('--files <path>', 'over the files, and against the rules, of this configuration')
    .option(
      '--config <path>',
      'over the log of this deployment, running or stopped, and against the rules in it',
    )
    .option('--json', 'the report as JSON')
    .option('--out <path>', 'write one line of JSON per difference to a file, "-" for standard output')
    .option('--fail-on-loss', `exit with ${EXIT_BREAKS} when a match is lost`)
    .addHelpText(
      'after',
      `
Examples:
  counterfoil backtest --rules new.yaml --files reconcile.yaml
  counterfoil backtest --rules new.yaml --config counterfoil.yaml --out differences.ndjson
  counterfoil backtest --rules new.yaml --files reconcile.yaml --json --fail-on-loss

Exit status: 0 it ran, 1 an error, ${EXIT_BREAKS} with --fail-on-loss and a record that was matched and no longer is.`,
    )
    .action(
      async (options: {
        rules: string;
        files?: string;
        config?: string;
        json?: boolean;
        out?: string;
        failOnLoss?: boolean;
      }) => {
        const { backtest } = await import('../backtest/backtest.ts');
        const report = await backtest({ ...options, json: options.json === true });
        if (options.failOnLoss === true && report.lost > 0) process.exitCode = EXIT_BREAKS;
      },
    );
}
