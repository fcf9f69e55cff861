import type { Command } from 'commander';

/** `counterfoil explain`. */
export function addExplain(program: Command): void {
  program
    .command('explain')
    .summary('print what the rules of a configuration do')
    .description(
      'Reads a configuration and prints its plan: what each rule is indexed and compared by,\n' +
        'when it is tried, what its breaks look like, and what is allowed but unwise.',
    )
    .argument('<file>', 'configuration (YAML)')
    .option('--json', 'print the plan as JSON')
    .addHelpText(
      'after',
      `
Examples:
  counterfoil explain examples/csv/reconcile.yaml
  counterfoil explain counterfoil.yaml --json | jq .warnings

Exit status: 0 the configuration is good, warnings or not; 1 it is not.`,
    )
    .action(async (file: string, options: { json?: boolean }) => {
      const { explain } = await import('../explain/explain.ts');
      explain(file, { json: options.json === true });
    });
}
