/**
 * How long an answer asks to be left alone, in milliseconds (RFC 9110, 10.2.3): a number of seconds, or a date, which is
 * counted from the answer's own `Date` where it has one, so that a wrong clock on either side does no harm.
 * @param nowMs epoch milliseconds, for an answer without `Date`
 * @returns undefined where it asks for nothing that can be understood
 */
export function retryAfterMs(
  headers: { readonly [name: string]: string | undefined },
  nowMs: number,
): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined) return undefined;
  // Some providers send fractions, which the RFC does not have.
  if (/^\d{1,12}(\.\d{1,9})?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const until = parseDate(value);
  if (until === undefined) return undefined;
  return Math.max(0, until - (parseDate(headers['date']) ?? nowMs));
}

/** `Tue, 03 Nov 2026 08:00:00 GMT`; what other forms of a date there are, no server has sent for decades. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

function parseDate(text: string | undefined): number | undefined {
  if (text === undefined || !HTTP_DATE.test(text.trim())) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
