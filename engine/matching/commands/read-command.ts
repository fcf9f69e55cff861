import { commandSchema, type Command } from '../../domain/index.ts';

/** What a `command` message holds: a command, or why it is none, in one line. */
export type ReadCommand =
  | { readonly command: Command; readonly problem?: undefined }
  | { readonly command?: undefined; readonly problem: string };

const MAX_PROBLEM = 300;

/** Reads a command's JSON. Whatever it holds, this does not throw. */
export function readCommand(json: string): ReadCommand {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return { problem: oneLine(`the command is no JSON: ${(error as Error).message}`) };
  }
  const read = commandSchema.safeParse(value);
  if (read.success) return { command: read.data };
  const issue = read.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  return {
    problem: oneLine(`the command is not valid: ${place}${issue?.message ?? 'it has another shape'}`),
  };
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > MAX_PROBLEM ? `${line.slice(0, MAX_PROBLEM - 1)}…` : line;
}
