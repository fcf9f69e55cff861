import type { Command } from 'commander';

/** `counterfoil new-connector`. */
export function addNewConnector(program: Command): void {
  program
    .command('new-connector')
    .summary('write the skeleton of a connector')
    .description(
      'Writes the skeleton of a connector into this checkout, with tests that pass, and registers it:\n' +
        '  file   reads files of lines, also while they grow\n' +
        '  push   takes payloads that are posted to the API\n' +
        '  live   takes signed webhooks, and polls for what they missed',
    )
    .argument('<name>', 'its name in configurations, such as acme-pay')
    .option('--kind <kind>', 'file, push or live', 'live')
    .addHelpText(
      'after',
      '\nExamples:\n  counterfoil new-connector acme-pay\n  counterfoil new-connector acme-ledger --kind file\n\n' +
        'connectors/README.md, "Add a connector", tells how to go on.',
    )
    .action(async (name: string, options: { kind: string }) => {
      const [{ projectRoot }, { writeConnector }] = await Promise.all([
        import('../../local/project-root.ts'),
        import('../new-connector/new-connector.ts'),
      ]);
      process.stdout.write(`${writeConnector(projectRoot(), name, options.kind).join('\n')}\n`);
    });
}
