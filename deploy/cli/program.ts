import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { projectRoot } from '../local/project-root.ts';
import { endWhenNobodyReads } from './closed-output.ts';
import { addBacktest } from './commands/backtest.ts';
import { addCommand } from './commands/command.ts';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addDemo } from './commands/demo.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplain } from './commands/explain.ts';
import { addNewConnector } from './commands/new-connector.ts';
import { addReconcile } from './commands/reconcile.ts';
import { addRoles } from './commands/roles.ts';
import { addStatement } from './commands/statement.ts';
import { addTrace } from './commands/trace.ts';
import { EXIT_ERROR, reportError } from './exit.ts';

/** The `counterfoil` command with all its subcommands. */
function createProgram(): Command {
  const program = new Command('counterfoil')
    .description('Streaming payment reconciliation.')
    .version(readVersion(), '--version', 'print the version')
    .option('--debug', 'show the stack of an error')
    .helpOption('-h, --help', 'show help')
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  counterfoil demo                                  some days of a merchant, as they happen
  counterfoil reconcile examples/csv/reconcile.yaml match files and print a summary
  counterfoil explain examples/csv/reconcile.yaml   what its rules do
  counterfoil up counterfoil.yaml                   everything in one process
  counterfoil doctor                                what is missing on this machine`,
    );
  addDemo(program);
  addRoles(program);
  addReconcile(program);
  addBacktest(program);
  addExplain(program);
  addCommand(program);
  addTrace(program);
  addStatement(program);
  addDeadLetters(program);
  addDoctor(program);
  addNewConnector(program);
  return program;
}

/**
 * Runs the command line.
 * @param args without the interpreter and the script
 * @returns the exit status
 */
export async function runProgram(args: readonly string[]): Promise<number> {
  endWhenNobodyReads();
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    // Help, the version and errors of usage have been printed.
    if (error instanceof CommanderError) return error.exitCode;
    reportError(error, program.opts<{ debug?: boolean }>().debug === true);
    return EXIT_ERROR;
  }
}

function readVersion(): string {
  const manifest = readFileSync(join(projectRoot(), 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
