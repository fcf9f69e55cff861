import type { MoneyRecord } from '../domain/index.ts';
import type { TraceStep } from './trace-step.ts';
import { writtenReconciliation } from './written-rules.ts';

/** Steps to be read by eye: a line for each message, record and reconciliation; what is usual is left out. */
export function traceText(steps: readonly TraceStep[]): string {
  return steps
    .flatMap((step, i) => stepLines(step).map((line, j) => (j === 0 ? `${i + 1}. ${line}` : `   ${line}`)))
    .join('\n');
}

function stepLines(step: TraceStep): string[] {
  const head = `${timeText(step.logTime)} ${step.kind}`;
  switch (step.kind) {
    case 'rules': {
      const { reconciliations, sources, calendars, feeContracts, rates, ...settings } = step.rules;
      return [
        `${head} ${text(settings)}`,
        ...sources.map((each) => `source ${text(each)}`),
        ...Object.entries({ calendars, feeContracts, rates })
          .filter(([, part]) => part !== undefined)
          .map(([name, part]) => `${name} ${text(part)}`),
        ...reconciliations.map((each) => `reconciliation ${text(writtenReconciliation(each))}`),
      ];
    }
    case 'records':
      return [head, ...step.records.map(recordText)];
    case 'progress':
      return [`${head} ${step.source} through ${timeText(step.time)}`];
    case 'command':
      return [`${head} ${text(step.command)}`];
    case 'finding':
      return [`${head} ${text(step.finding)}`];
    case 'tick':
      return [head];
  }
}

function recordText(record: MoneyRecord): string {
  const {
    source,
    id,
    account,
    kind,
    status,
    currency,
    amount,
    fee,
    tax,
    time,
    precision,
    offsetMinutes,
    ...rest
  } = record;
  const more = {
    ...(fee === 0n ? {} : { fee }),
    ...(tax === 0n ? {} : { tax }),
    ...(status === 'booked' ? {} : { status }),
    ...(offsetMinutes === 0 ? {} : { offsetMinutes }),
    ...Object.fromEntries(
      Object.entries(rest).filter(([, part]) => typeof part !== 'object' || Object.keys(part).length > 0),
    ),
  };
  return `${source} ${id} ${account} ${kind} ${currency} ${amount} ${timeText(time)}${precision === 'day' ? ' (day)' : ''} ${text(more)}`;
}

function timeText(time: number): string {
  return Math.abs(time) < 8e15 ? new Date(time).toISOString().slice(0, 23) : String(time);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}
