import { styleText } from 'node:util';
import type { Command } from 'commander';
import { DEFAULT_CONFIG } from '../default-config.ts';
import { EXIT_ERROR } from '../exit.ts';
import { mayColour } from '../reconcile/readable.ts';

const COLOURS = { ok: 'green', note: 'yellow', missing: 'red' } as const;

/** `counterfoil doctor`. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('say what is missing here and how to get it')
    .description('Looks at this machine and, where there is one, at the configuration.')
    .argument('[file]', `configuration (YAML); ${DEFAULT_CONFIG} where it exists, if none is named`)
    .addHelpText(
      'after',
      `
Examples:
  counterfoil doctor
  counterfoil doctor production.yaml

Exit status: 0 nothing is missing, ${EXIT_ERROR} something is.`,
    )
    .action(async (file: string | undefined) => {
      const { examine } = await import('../doctor/doctor.ts');
      const colour = mayColour(process.stdout);
      for await (const { name, state, detail } of examine(file)) {
        const mark = state.padEnd(7);
        process.stdout.write(
          `${colour ? styleText(COLOURS[state], mark) : mark}  ${name.padEnd(14)}  ${detail}\n`,
        );
        if (state === 'missing') process.exitCode = EXIT_ERROR;
      }
    });
}
