import type { Scalar } from 'yaml';
import {
  describeIssue,
  didYouMean,
  narrowed,
  shownValue,
  valueAt,
  withoutEchoes,
  type AnyIssue,
} from '../domain/index.ts';
import type { ConfigDocument, DocumentPath } from './document.ts';
import { pathText, shortened } from './document.ts';

/** Characters of a message, which may show what was found. */
export const MAX_MESSAGE = 1000;

/** A document that a schema has looked at. */
export interface CheckedDocument {
  readonly document: ConfigDocument;
  /** Its values, as the schema saw them. */
  readonly plain: unknown;
  /** The texts in which something was substituted: any of them may be a secret. */
  readonly secrets: ReadonlySet<Scalar>;
  /** `c.yaml:12:5` for an offset. */
  readonly place: (offset: number) => string;
}

/**
 * What a schema found wrong in a document, one line each: where, the path, what was found, what is wanted.
 * @param issues of a schema that was asked with `keepKnownKeys`
 */
export function issueLines(issues: readonly AnyIssue[], checked: CheckedDocument): string[] {
  return withoutEchoes(issues.flatMap((each) => narrowed(each))).flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys')
      return line(
        checked,
        issue.path,
        describeIssue(issue, show(checked, issue.path)),
        issue.code === 'invalid_key',
      );
    const known = issue.message.split(' ');
    return issue.keys.map((key) => {
      const message = `unknown setting${didYouMean(key, known) || `; known here are ${known.join(', ')}`}`;
      return line(checked, [...issue.path, key], message, true);
    });
  });
}

function line(checked: CheckedDocument, path: DocumentPath, message: string, ofKey: boolean): string {
  const { document, plain, secrets, place } = checked;
  const at = path.length === 0 ? '' : `${pathText(path)}: `;
  const text = shortened(withoutValues(message, secrets), MAX_MESSAGE);
  return `${place(document.offsetOf(path, ofKey))}: ${at}${ruleAt(path, plain, message)}${text}`;
}

/** `rule "by-reference": ` for a place inside a rule, where the message does not name it itself. */
function ruleAt(path: DocumentPath, plain: unknown, message: string): string {
  if (path[0] !== 'reconciliations' || path[2] !== 'rules' || path.length < 5 || message.startsWith('rule "'))
    return '';
  const name = valueAt(plain, [...path.slice(0, 4), 'name']);
  return typeof name === 'string' ? `rule ${JSON.stringify(name.slice(0, 64))}: ` : '';
}

/** The value at `path` as an error line may show it: short, on one line, and never a secret. */
function show({ document, plain, secrets }: CheckedDocument, path: DocumentPath): string | undefined {
  const value = valueAt(plain, path);
  if (value === undefined) return undefined;
  if (value === null) return 'nothing after the colon';
  if (secrets.has(document.nodeAt(path) as Scalar)) return 'a substituted value';
  if (namesSecret(path) || path.includes('headers')) return 'a value';
  return shownValue(value);
}

/** Whether what stands at `path` may be a secret, by its name; what a source calls a secret may be a list of them. */
function namesSecret(path: DocumentPath): boolean {
  const names = path[0] === 'sources' ? path.slice(2) : path.slice(-1);
  return names.some((name) => /password|secret|token|key$/i.test(String(name)));
}

/** What is shorter is no secret, and would be found in words where it is not meant. */
const LEAST_SECRET_LENGTH = 8;

/** A message without the substituted values that it quotes, whole or cut off: any of them may be a secret. */
function withoutValues(message: string, substituted: ReadonlySet<Scalar>): string {
  let result = message;
  for (const { value } of substituted) {
    if (typeof value !== 'string' || value.length < LEAST_SECRET_LENGTH) continue;
    const begin = `"${value.slice(0, LEAST_SECRET_LENGTH)}`;
    for (let at = result.indexOf(begin); at >= 0; at = result.indexOf(begin)) {
      let length = begin.length;
      while (length <= value.length && result[at + length] === value[length - 1]) length++;
      result = `${result.slice(0, at)}"[substituted]${result.slice(at + length)}`;
    }
  }
  return result;
}
