import { exponentOf, formatMinor, type RecordRef } from '../domain/index.ts';
import type { Result } from './results.ts';
import { placeName, type Told } from './story-command.ts';

type Match = Extract<Result, { type: 'match' }>;
type Break = Extract<Result, { type: 'break' }>;

/** Reasons that the kind of a break says already. */
const OBVIOUS = ['noCounterpart', 'amount', 'sum', 'ambiguous', 'duplicate', 'lateMember', 'amended'];

/** A result as a line; what was merely accepted is not worth one. */
export function describe(cause: string, result: Result, told: ReadonlyMap<string, Told>): string[] {
  switch (result.type) {
    case 'accepted':
      return [];
    case 'duplicate':
      return [`${cause} → duplicate`];
    case 'refused':
      return [`${cause} → refused, ${result.code}`];
    case 'finding': {
      const amount =
        result.amount === 0 || result.kind === 'idReused' ? '' : `, ${money(result.amount, result.currency)}`;
      return [`${cause} → finding ${result.kind} ${result.recordId}`.trimEnd() + amount];
    }
    case 'answer':
      return [`${cause} → ${result.kind} ${result.accepted ? 'accepted' : 'refused'}`];
    case 'match':
      return [`${cause} → ${matchLine(result, told)}`];
    case 'break':
      return [`${cause} → ${breakLine(result)}`];
  }
}

/** `match g1 b1 by RULE, difference 0.00`, with its version, causes but tolerance, and rate where there are any. */
function matchLine(match: Match, told: ReadonlyMap<string, Told>): string {
  const id = match.version === 1 ? '' : ` ${match.matchSequence}-${match.matchN} v${match.version}:`;
  const legs = match.legs.map((leg) => {
    const { record } = told.get(placeName(leg))!;
    const whole = Number(record.amount) === leg.allocated;
    return whole ? leg.id : `${leg.id}(${money(leg.allocated, record.currency)})`;
  });
  const causes = Object.entries(match.causes)
    .filter(([cause]) => cause !== 'tolerance')
    .map(([cause, amount]) => `, ${cause} ${money(amount, match.currency)}`);
  const rate = match.rate === undefined ? '' : ` at ${match.rate}`;
  const verb = match.state === 'matched' ? 'match' : 'unmatched';
  const difference = money(match.difference, match.currency);
  return `${verb}${id} ${legs.join(' ')} by ${match.rule}, difference ${difference}${causes.join('')}${rate}`;
}

/** `break 2-0 v1: unmatched g1, 100.00`, with why and the assigned reason where they say more. */
function breakLine(broken: Break): string {
  const id = `${broken.breakSequence}-${broken.breakN}`;
  const members = broken.members.map((member: RecordRef) => member.id).join(' ');
  const state = { open: '', resolved: 'resolved, was ', writtenOff: 'written off, was ' }[broken.state];
  const amount = money(broken.amount, broken.currency);
  const { condition, records = [], match } = broken.why;
  const near = [
    ...records.map((record) => record.id),
    ...(match === undefined ? [] : [`${match.sequence}-${match.n}`]),
  ];
  const why = near.length === 0 && OBVIOUS.includes(condition) ? '' : `, ${[condition, ...near].join(' ')}`;
  const reason = broken.reason === '' ? '' : `, because ${broken.reason}`;
  return `break ${id} v${broken.version}: ${state}${broken.kind} ${members}, ${amount}${why}${reason}`;
}

function money(minor: number, currency: string): string {
  return formatMinor(minor, exponentOf(currency));
}
