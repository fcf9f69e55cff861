/** What stands in a log line where a secret was. */
const CENSORED = '[redacted]';

const NAMES =
  'authorization|proxy-?authorization|cookie|set-?cookie|password|passwd|passphrase|secret|token|credentials?|' +
  '(?:access|refresh|bearer|auth|id)[_-]?token|(?:api|private|signing|webhook|encryption)[_-]?(?:key|secret)|' +
  'client[_-]?secret|x-api-key|[a-z]+[_-]?signature';
const SECRET_NAME = new RegExp(`^(?:${NAMES})$`, 'i');

const MAX_DEPTH = 6;

/**
 * A copy of what is about to be logged with the values of secret-sounding names replaced, at any depth down to 6.
 * Only plain objects and arrays are walked: errors and class instances pass to their serialisers as they are.
 */
export function censorFields(fields: { [name: string]: unknown }): { [name: string]: unknown } {
  return censorObject(fields, 0);
}

function censorObject(fields: object, depth: number): { [name: string]: unknown } {
  const result: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(fields)) {
    result[name] = SECRET_NAME.test(name) ? CENSORED : censorValue(value, depth + 1);
  }
  return result;
}

function censorValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[deeper]';
  if (Array.isArray(value)) return value.map((item) => censorValue(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? censorObject(value, depth) : value;
}

const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^/?#\s"'\\]+@/gi;
const BEARER = /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi;

/** A string member as JSON writes it: the bindings of a child logger are serialised once and pass no formatter. */
const SECRET_MEMBER = new RegExp(`"(${NAMES})":"(?:[^"\\\\]|\\\\.)*"`, 'gi');

/**
 * Masks what the fields' names do not give away: secret bindings of child loggers, credentials inside URLs
 * (`nats://user:pass@host`), authorisation values inside sentences, and the literal `secrets`.
 * @param line one serialised log line
 */
export function censorLine(line: string, secrets: readonly string[] = []): string {
  let result = line.replace(SECRET_MEMBER, `"$1":"${CENSORED}"`);
  if (result.includes('://')) result = result.replace(URL_CREDENTIALS, `$1${CENSORED}@`);
  result = result.replace(BEARER, `$1 ${CENSORED}`);
  for (const secret of secrets) {
    if (result.includes(secret)) result = result.replaceAll(secret, CENSORED);
  }
  return result;
}
