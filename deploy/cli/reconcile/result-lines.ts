import { exponentOf, formatMinor, formatPosition } from '../../../engine/domain/index.ts';
import type { BreakKind, Finding, Match, Side, SourceFinding, Why } from '../../../engine/domain/index.ts';

/** What the last line of the results says. */
export interface Totals {
  /** Accepted records: repeats are counted under `duplicates`, refused ones under `deadLetters`. */
  readonly records: number;
  readonly matches: number;
  readonly breaks: { readonly [kind in BreakKind]?: number };
  readonly duplicates: number;
  readonly unrouted: number;
  readonly findings: number;
  readonly deadLetters: number;
  readonly elapsedMs: number;
}

/** Input that became no record, as the results show it: without its bytes. */
export interface DeadLetterLine {
  readonly source: string;
  readonly file?: string;
  readonly line?: number;
  readonly code: string;
  readonly reason: string;
}

/** A break at the end of the input, with the ids of its members. Amounts are minor units. */
export interface FinalBreak {
  readonly breakSequence: number;
  readonly breakN: number;
  readonly version: number;
  readonly reconciliation: string;
  readonly kind: BreakKind;
  readonly members: readonly { readonly side: Side; readonly id: string }[];
  readonly amount: number;
  readonly currency: string;
  readonly why: Why;
}

const exponents = new Map<string, number>();

/** Minor units as a decimal in major units. */
export function decimal(minor: number, currency: string): string {
  let exponent = exponents.get(currency);
  if (exponent === undefined) {
    exponent = exponentOf(currency);
    exponents.set(currency, exponent);
  }
  if (exponent !== 2 || !(Math.abs(minor) < 1e9)) return formatMinor(minor, exponent);
  // The common case by small integers: a million matches have four amounts each.
  const digits = Math.abs(minor);
  const fraction = digits % 100;
  return `${minor < 0 ? '-' : ''}${(digits - fraction) / 100}.${fraction < 10 ? '0' : ''}${fraction}`;
}

const PLAIN = /^[ !#-[\]-~]*$/;

/** `text` as JSON: most identifiers need no escape. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** A match as a line of JSON. Reads the match during the call only. */
export function matchLine(match: Match): string {
  let left = '';
  let right = '';
  let legs = '';
  for (const leg of match.legs) {
    const id = quoted(leg.id);
    if (leg.side === 'left') left += left === '' ? id : `,${id}`;
    else right += right === '' ? id : `,${id}`;
    const allocated = decimal(leg.allocated, match.currency);
    legs += `${legs === '' ? '' : ','}{"side":"${leg.side}","id":${id},"allocated":"${allocated}"}`;
  }
  const id = formatPosition(0, 0, match.matchSequence, match.matchN);
  return (
    `{"type":"match","matchId":"${id}","version":${match.version},"reconciliation":"${match.reconciliation}","rule":"${match.rule}",` +
    `"left":[${left}],"right":[${right}],"legs":[${legs}],` +
    `"difference":"${decimal(match.difference, match.currency)}","currency":"${match.currency}"}`
  );
}

/** A break as a line of JSON. */
export function breakLine(broken: FinalBreak): string {
  const { currency, why } = broken;
  const ids = (side: Side): string[] =>
    broken.members.filter((member) => member.side === side).map((member) => member.id);
  return JSON.stringify({
    type: 'break',
    breakId: formatPosition(0, 0, broken.breakSequence, broken.breakN),
    version: broken.version,
    reconciliation: broken.reconciliation,
    kind: broken.kind,
    left: ids('left'),
    right: ids('right'),
    amount: decimal(broken.amount, currency),
    currency,
    why: {
      rule: why.rule,
      condition: why.condition,
      ...(why.difference === undefined ? {} : { difference: decimal(why.difference, currency) }),
      ...(why.tolerance === undefined ? {} : { tolerance: decimal(why.tolerance, currency) }),
    },
  });
}

/** A finding as a line of JSON. Fields that say nothing are left out. */
export function findingLine(finding: SourceFinding | Finding): string {
  const { kind, source, recordId, account, currency, amount, message } = finding;
  return JSON.stringify({
    type: 'finding',
    kind,
    source,
    ...(recordId === '' ? {} : { id: recordId }),
    ...(account === '' ? {} : { account }),
    ...(currency === '' ? {} : { amount: decimal(amount, currency), currency }),
    message,
  });
}

/** A dead letter as a line of JSON. */
export function deadLetterLine({ source, file, line, code, reason }: DeadLetterLine): string {
  return JSON.stringify({ type: 'deadLetter', source, file, line, code, reason });
}

/** The last line. */
export function summaryLine(totals: Totals): string {
  return JSON.stringify({ type: 'summary', ...totals });
}
