import type { Command } from 'commander';
import { EXIT_BREAKS } from '../exit.ts';

/** `counterfoil reconcile`. */
export function addReconcile(program: Command): void {
  program
    .command('reconcile')
    .summary('match files, without broker or database')
    .description(
      'Runs the reconciliations of a configuration over its files and ends.\n' +
        'Paths in the configuration start from its own folder.',
    )
    .argument('<file>', 'configuration (YAML)')
    .option('--out <path>', 'write one line of JSON per result to a file, "-" for standard output')
    .option('--fail-on-break', `exit with ${EXIT_BREAKS} when anything broke`)
    .addHelpText(
      'after',
      `
Examples:
  counterfoil reconcile examples/csv/reconcile.yaml
  counterfoil reconcile examples/csv/reconcile.yaml --out results.ndjson --fail-on-break
  counterfoil reconcile examples/csv/reconcile.yaml --out - | grep '"type":"break"'

Exit status: 0 it ran, 1 an error, ${EXIT_BREAKS} with --fail-on-break and any break.`,
    )
    .action(async (file: string, options: { out?: string; failOnBreak?: boolean }) => {
      const { reconcile } = await import('../reconcile/reconcile.ts');
      const totals = await reconcile({ file, out: options.out });
      const broken = Object.values(totals.breaks).some((count) => count > 0);
      if (options.failOnBreak === true && broken) process.exitCode = EXIT_BREAKS;
    });
}
