import { MATCH_CAUSES, exponentOf, formatMinor, formatPosition } from '../../../engine/domain/index.ts';
import type {
  BreakKind,
  BreakState,
  CommandAnswer,
  Finding,
  Match,
  Side,
  SourceFinding,
  WhyCondition,
} from '../../../engine/domain/index.ts';

/** What the last line of the results says. */
export interface Totals {
  /** Accepted records: repeats are counted under `duplicates`, refused ones under `deadLetters`. */
  readonly records: number;
  /** Those that stand at the end of the input. */
  readonly matches: number;
  /** Those that are open at the end of the input. */
  readonly breaks: { readonly [kind in BreakKind]?: number };
  readonly duplicates: number;
  readonly unrouted: number;
  readonly findings: number;
  readonly deadLetters: number;
  /** Where the configuration has commands. */
  readonly commands?: { readonly accepted: number; readonly refused: number };
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

/** What became of a command. */
export type CommandLine = Pick<CommandAnswer, 'commandId' | 'kind' | 'accepted' | 'reason' | 'by' | 'why'>;

/** A break at the end of the input, with the ids of its records. Amounts are minor units. */
export interface FinalBreak {
  readonly breakSequence: number;
  readonly breakN: number;
  readonly version: number;
  readonly state: BreakState;
  readonly reconciliation: string;
  readonly kind: BreakKind;
  readonly members: readonly { readonly side: Side; readonly id: string }[];
  readonly amount: number;
  readonly currency: string;
  readonly why: {
    readonly rule: string;
    readonly condition: WhyCondition;
    /** Ids of the nearest records that are no members. */
    readonly records?: readonly string[] | undefined;
    readonly difference?: number | undefined;
    readonly tolerance?: number | undefined;
    readonly timeDifference?: number | undefined;
    readonly match?: { readonly sequence: number; readonly n: number } | undefined;
  };
  readonly reason: string;
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

/** `fields` of a rule is one list for all its matches: its text is made once. */
const fieldTexts = new WeakMap<readonly string[], string>();

function fieldsText(fields: readonly string[]): string {
  let text = fieldTexts.get(fields);
  if (text === undefined) {
    text = JSON.stringify(fields);
    fieldTexts.set(fields, text);
  }
  return text;
}

/** A match as a line of JSON. What says nothing is left out: state, causes, rate. Reads the match during the call only. */
export function matchLine(match: Match): string {
  const { currency, leftCurrency, causes } = match;
  let left = '';
  let right = '';
  let legs = '';
  for (const leg of match.legs) {
    const id = quoted(leg.id);
    if (leg.side === 'left') left += left === '' ? id : `,${id}`;
    else right += right === '' ? id : `,${id}`;
    const own = leg.side === 'left' && leftCurrency !== undefined ? leftCurrency : undefined;
    const allocated = decimal(leg.allocated, own ?? currency);
    const foreign = own === undefined ? '' : `,"currency":"${own}"`;
    legs += `${legs === '' ? '' : ','}{"side":"${leg.side}","id":${id},"allocated":"${allocated}"${foreign}}`;
  }
  let parts = '';
  for (const cause of MATCH_CAUSES) {
    const amount = causes[cause];
    if (amount === undefined || amount === 0) continue;
    parts += `${parts === '' ? '' : ','}"${cause}":"${decimal(amount, currency)}"`;
  }
  const id = formatPosition(0, 0, match.matchSequence, match.matchN);
  const state = match.state === 'matched' ? '' : `"state":"${match.state}",`;
  return (
    `{"type":"match","matchId":"${id}","version":${match.version},${state}"reconciliation":"${match.reconciliation}",` +
    `"rule":"${match.rule}","fields":${fieldsText(match.fields)},"left":[${left}],"right":[${right}],"legs":[${legs}],` +
    `"difference":"${decimal(match.difference, currency)}"${parts === '' ? '' : `,"causes":{${parts}}`},` +
    `"currency":"${currency}"${match.rate === undefined ? '' : `,"rate":"${match.rate}"`}}`
  );
}

/** A break as a line of JSON. */
export function breakLine(broken: FinalBreak): string {
  const { currency, why } = broken;
  const ids = (side: Side): string[] =>
    broken.members.filter((member) => member.side === side).map((member) => member.id);
  const money = (amount: number | undefined): string | undefined =>
    amount === undefined ? undefined : decimal(amount, currency);
  return JSON.stringify({
    type: 'break',
    breakId: formatPosition(0, 0, broken.breakSequence, broken.breakN),
    version: broken.version,
    ...(broken.state === 'open' ? {} : { state: broken.state }),
    reconciliation: broken.reconciliation,
    kind: broken.kind,
    left: ids('left'),
    right: ids('right'),
    amount: decimal(broken.amount, currency),
    currency,
    why: {
      rule: why.rule,
      condition: why.condition,
      difference: money(why.difference),
      tolerance: money(why.tolerance),
      timeDifferenceMs: why.timeDifference,
      records: why.records,
      match: why.match === undefined ? undefined : formatPosition(0, 0, why.match.sequence, why.match.n),
    },
    ...(broken.reason === '' ? {} : { reason: broken.reason }),
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

/** What became of a command, as a line of JSON. */
export function commandLine(answer: CommandLine): string {
  const { commandId, kind, accepted, reason, by, why } = answer;
  return JSON.stringify({ type: 'command', commandId, kind, accepted, reason, by, why });
}

/** The last line. */
export function summaryLine(totals: Totals): string {
  return JSON.stringify({ type: 'summary', ...totals });
}
