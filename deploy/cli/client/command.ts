import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import { loadConfig, toRuleSet } from '../../../engine/config/index.ts';
import { CounterfoilError, parsePosition } from '../../../engine/domain/index.ts';
import { EXIT_ERROR } from '../exit.ts';
import { openApi, type Problem } from './api.ts';

/** Exit status of a command that nobody has answered yet. */
const EXIT_WAITING = 3;

/** What every command says of itself. */
export interface CommandOptions {
  readonly url?: string;
  readonly by: string;
  readonly why: string;
  readonly id?: string;
  readonly json?: boolean;
}

interface Answer {
  readonly position: string;
  readonly accepted: boolean;
  readonly reason: string;
}

interface Outcome {
  readonly id: string;
  readonly state: 'accepted' | 'refused' | 'waiting';
  readonly answers: readonly Answer[];
}

/**
 * Sends a command and says what became of it.
 * @param what its kind and what it is about, as the API takes it
 * @returns the exit status
 */
export async function sendCommand(what: object, options: CommandOptions): Promise<number> {
  const { by, why, id } = options;
  const body = { ...what, by, why, ...(id === undefined ? {} : { id }) };
  const { status, body: answer } = await openApi(options.url).post<Outcome & Problem>(
    '/v1/commands',
    body,
    [409],
  );
  const refused = status === 409;
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(refused ? { ...answer, state: 'refused' } : answer)}\n`);
  } else if (refused) {
    process.stderr.write(`counterfoil: refused: ${answer.detail ?? 'without a reason'}\n`);
  } else {
    process.stdout.write(readable(answer));
  }
  if (refused) return EXIT_ERROR;
  return answer.state === 'waiting' ? EXIT_WAITING : 0;
}

/** Says what became of a command that was sent before. @returns the exit status */
export async function showCommand(
  id: string,
  options: Pick<CommandOptions, 'url' | 'json'>,
): Promise<number> {
  const outcome = await openApi(options.url).get<Outcome>(`/v1/commands/${encodeURIComponent(id)}`);
  process.stdout.write(options.json === true ? `${JSON.stringify(outcome)}\n` : readable(outcome));
  if (outcome.state === 'refused') return EXIT_ERROR;
  return outcome.state === 'waiting' ? EXIT_WAITING : 0;
}

function readable({ id, state, answers }: Outcome): string {
  const lines = [`${state}  command ${id}`];
  const positions = new Map<string, string[]>();
  for (const { accepted, reason, position } of answers) {
    const line = `${accepted ? '' : 'refused: '}${reason}`;
    positions.set(line, [...(positions.get(line) ?? []), position]);
  }
  for (const [reason, places] of positions) {
    const several = places.length > 1 ? ` (${places.length} partitions)` : '';
    lines.push(`  ${reason}${several}`, `  at ${places.join(', ')} of the log`);
  }
  if (state === 'waiting')
    lines.push(`  it is in the log and not answered yet; ask again with counterfoil command show ${id}`);
  return `${lines.join('\n')}\n`;
}

/**
 * A record as the command line names it: its position, or `source/id`.
 * @throws CounterfoilError `invalidField`
 */
export function recordOf(text: string): object {
  if (parsePosition(text) !== undefined) return { position: text };
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1) {
    throw new CounterfoilError(
      'invalidField',
      `"${text.slice(0, 80)}" names no record; write source/id, such as gateway/pay_1042, or a position such as 1-3-4711-0`,
    );
  }
  return { source: text.slice(0, slash), id: text.slice(slash + 1) };
}

/** The rule set of a configuration, as a command carries it. @throws CounterfoilError `invalidConfig`, `fileNotFound` */
export function rulesOf(file: string): object {
  const { config } = loadConfig(file, CONNECTOR_SCHEMAS);
  return { kind: 'rules', rules: toRuleSet(config) };
}
