import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Secret } from '../../engine/domain/index.ts';

export { Secret };

/** Characters of a secret; a private key with its certificates is the longest there is. */
const MAX_SECRET_LENGTH = 65_536;
/** The one that is in use, and the one that replaces it or was replaced by it. */
const MAX_SECRETS = 2;

// Messages here do not begin with "wants": to those an error line adds what was found.
const MISSING = 'a secret is wanted here: write ${NAME} or ${file:/path}';

/**
 * A key, password or token of a source. Read as a {@link Secret}, so that no message, log or listing can show it. A
 * configuration file has to take it from elsewhere (`${NAME}`, `${file:/path}`): one that is written out is refused
 * when the file is read.
 */
export const secretSetting: z.ZodType<Secret> = z.unknown().transform((value, context): Secret => {
  const secret = readSecret(value);
  if (typeof secret !== 'string') return secret;
  context.addIssue({ code: 'custom', message: secret });
  return z.NEVER;
});

/** One secret, or a list of two while one replaces the other: what either of them proves is taken. */
export const secretsSetting: z.ZodType<readonly Secret[]> = z
  .unknown()
  .transform((value, context): readonly Secret[] => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    const secrets: Secret[] = [];
    const refuse = (message: string, path: PropertyKey[] = []): void => {
      context.addIssue({ code: 'custom', message, path });
    };
    if (values.length === 0) refuse(MISSING);
    if (values.length > MAX_SECRETS) {
      refuse(`${values.length} secrets are too many: give the one in use, and the one that replaces it`);
      return z.NEVER;
    }
    for (const [index, each] of values.entries()) {
      const secret = readSecret(each);
      if (typeof secret !== 'string') secrets.push(secret);
      else refuse(secret, Array.isArray(value) ? [index] : []);
    }
    return secrets;
  });

/** The secret, or what is wrong with the value in words that do not repeat it. */
function readSecret(value: unknown): Secret | string {
  if (value instanceof Secret) return value;
  if (value === undefined || value === null) return MISSING;
  if (typeof value !== 'string') return 'a secret is text: put it in quotes';
  if (value.trim() === '') return 'this secret is empty: set the variable or the file that it comes from';
  if (value.length > MAX_SECRET_LENGTH) {
    return `this secret has ${value.length} characters; at most ${MAX_SECRET_LENGTH} are taken`;
  }
  return new Secret(value);
}

/**
 * Whether a text is the secret's value, in a time that tells nothing about where they differ, nor about how long the
 * secret is.
 */
export function isSecretEqual(secret: Secret, text: string): boolean {
  return timingSafeEqual(digest(secret.reveal()), digest(text));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
