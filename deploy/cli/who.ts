import { userInfo } from 'node:os';

/** Who runs this command, as decisions are signed. */
export function whoIsHere(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return 'unknown';
  }
}
