/** What a shell reports for a program that wrote to a closed pipe. */
const EXIT_CLOSED_PIPE = 141;

/**
 * Ends the process when whoever read its output has left, as `counterfoil … | head` does: in the orderly way where
 * the command stops in one, else at once. Without this it would end with a stack.
 */
export function endWhenNobodyReads(): void {
  let ending = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') {
        // Whoever else listens says what is wrong; a full disk must not pass in silence.
        if (stream.listenerCount('error') === 1) throw error;
        return;
      }
      if (ending) return;
      ending = true;
      if (process.listenerCount('SIGTERM') === 0) process.exit(EXIT_CLOSED_PIPE);
      process.kill(process.pid, 'SIGTERM');
    });
  }
}
