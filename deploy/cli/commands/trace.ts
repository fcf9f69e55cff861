import type { Command } from 'commander';

/** `counterfoil trace`. */
export function addTrace(program: Command): void {
  program
    .command('trace')
    .summary("say where a record's money went")
    .description(
      "Follows a record's links (refunds, disputes) and its matches from reconciliation to reconciliation, and says\n" +
        'whether the money is in the bank. Asks a running API.',
    )
    .argument('<id>', 'id of the record')
    .option('--source <name>', 'its source, where several have the id')
    .option('--url <url>', 'where the API is')
    .option('--json', 'print the whole trace as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  counterfoil trace pay_1042\n  counterfoil trace 1001 --source orders --json\n\n' +
        'The API is found by --url, COUNTERFOIL_URL, or api.port of ./counterfoil.yaml.',
    )
    .action(async (id: string, options: { source?: string; url?: string; json?: boolean }) => {
      const { trace } = await import('../client/trace.ts');
      await trace(id, options);
    });
}
