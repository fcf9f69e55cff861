/** Runs the guardian. */
export const SHELL = '/bin/sh';

/**
 * A shell around the server. Its standard input is a pipe that only our process holds open, so it reads the end of it
 * the moment we end, even by SIGKILL: then the server is told to stop. When the server ends first, so does the shell.
 */
const GUARDIAN = `
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
{
  while read -r _ <&3; do :; done
  kill -TERM "$server"
  n=0
  while [ "$n" -lt 15 ] && kill -0 "$server"; do sleep 1; n=$((n + 1)); done
  kill -KILL "$server"
} 2>/dev/null &
watch=$!
exec 3<&-
trap 'kill -TERM "$server" 2>/dev/null' TERM INT HUP
wait "$server"
status=$?
while kill -0 "$server" 2>/dev/null; do wait "$server"; status=$?; done
kill "$watch" 2>/dev/null
exit "$status"
`;

/** Arguments for {@link SHELL} that run a nats-server which ends with the process holding the shell's standard input. */
export function guardedArguments(binary: string, config: string): string[] {
  return ['-c', GUARDIAN, 'sh', binary, '-c', config];
}
