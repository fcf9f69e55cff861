import type { Command } from 'commander';
import type { Role } from '../compose/start.ts';
import { DEFAULT_CONFIG } from '../default-config.ts';

/** `counterfoil up`, and each of its roles as a process of its own. */
export function addRoles(program: Command): void {
  addRole(program, 'up', ['engine', 'connectors', 'api'], {
    summary: 'run everything in one process',
    description:
      'Runs engine, connectors and API in one process, on a nats-server of its own and an embedded ClickHouse\n' +
      'unless stream.url or store.url name others. Ctrl-C stops it in an orderly way.',
    examples: ['counterfoil up', 'counterfoil up production.yaml'],
  });
  addRole(program, 'engine', ['engine'], {
    summary: 'run the matcher alone',
    description: 'Runs the engine: reads the log, matches, stores results. Needs stream.url and store.url.',
    examples: ['counterfoil engine production.yaml'],
  });
  addRole(program, 'connectors', ['connectors'], {
    summary: 'run the connectors alone',
    description: 'Runs the connectors: reads the configured files as they appear and grow. Needs stream.url.',
    examples: ['counterfoil connectors production.yaml'],
  });
  addRole(program, 'api', ['api'], {
    summary: 'run the API alone',
    description: 'Runs the API: takes records, answers queries. Needs stream.url and store.url.',
    examples: ['counterfoil api production.yaml'],
  });
}

interface RoleHelp {
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly string[];
}

function addRole(program: Command, name: string, roles: readonly Role[], help: RoleHelp): void {
  program
    .command(name)
    .summary(help.summary)
    .description(help.description)
    .argument('[file]', 'configuration (YAML)', DEFAULT_CONFIG)
    .addHelpText('after', `\nExamples:\n${help.examples.map((example) => `  ${example}`).join('\n')}`)
    .action(async (file: string) => {
      const { serve } = await import('../compose/serve.ts');
      process.exitCode = await serve(file, roles, name === 'up');
    });
}
