import type { Plan, PlannedReconciliation, PlannedRule, PlannedSide } from './plan.ts';

const WIDTH = 80;

/** A space at which no line is broken. */
const NO_BREAK = '\u00a0';

/** A plan for people, in lines of at most 80 columns where words allow. */
export function printPlan(plan: Plan): string {
  const blocks = [
    ...plan.reconciliations.map((each) => reconciliationLines(each)),
    sourceLines(plan),
    ratesLines(plan),
    warningLines(plan),
  ].filter((lines) => lines.length > 0);
  if (plan.reconciliations.length === 0) blocks.unshift(['No reconciliation is configured.']);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function reconciliationLines(reconciliation: PlannedReconciliation): string[] {
  const lines = [heading(reconciliation.name)];
  for (const side of ['left', 'right'] as const)
    lines.push(...entry(2, side, sideWords(reconciliation[side])));
  lines.push(...entry(2, 'window', reconciliation.window));
  if (reconciliation.nullValues.length > 0) {
    lines.push(...entry(2, 'nulls', `${reconciliation.nullValues.join(', ')} are no key`));
  }
  for (const [i, rule] of reconciliation.rules.entries()) lines.push('', ...ruleLines(rule, i + 1));
  return lines;
}

function sideWords(side: PlannedSide): string[] {
  const shared = side.sharedWith.length === 0 ? '' : `, shared with ${side.sharedWith.join(', ')}`;
  return [
    `${side.sources.join(', ')}${side.negate ? ', negated' : ''} (pool ${side.pool}${shared})`,
    ...(side.where.length === 0 ? [] : [`where ${side.where.join(', ')}`]),
    ...(side.anchor === 'time' ? [] : [`anchored at ${side.anchor}`]),
    ...(side.fees === undefined ? [] : [`fees checked against contract ${side.fees}`]),
    ...(side.duplicates.length === 0 ? [] : [`twins have equal ${side.duplicates.join(', ')}`]),
  ];
}

function ruleLines(rule: PlannedRule, number: number): string[] {
  const side = rule.side === undefined ? '' : `, ${rule.side} side`;
  const lines = [`  ${number}. ${rule.name} (${rule.cardinality}${side})`];
  const add = (label: string, words: string | readonly string[]): void => {
    lines.push(...entry(5, label, words));
  };
  const [left, right] = [keyWords(rule.index.left), keyWords(rule.index.right)];
  if (rule.side !== undefined) add('index', keyWords(rule.index[rule.side]));
  else add('index', left === right ? left : [`left  ${left}`, `right ${right}`]);
  for (const each of ['left', 'right'] as const) {
    if (rule.where[each].length > 0) add('where', `${each} ${rule.where[each].join(', ')}`);
  }
  add('compare', rule.cardinality === '1:1' ? rule.compare : `sums of ${rule.compare}`);
  if (rule.fx !== undefined) add('fx', rule.fx);
  for (const each of ['left', 'right'] as const) {
    if (rule.fees[each] !== undefined) add('fees', rule.fees[each]);
  }
  if (rule.dates.length > 0) add('dates', rule.dates);
  add('tried', rule.tried);
  add('breaks', rule.breaks);
  return lines;
}

/** The parts of a key; a line breaks between them, not inside one. */
function keyWords(parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(' ', NO_BREAK)).join(`${NO_BREAK}+ `);
}

function sourceLines({ sources, partitionBy }: Plan): string[] {
  if (sources.length === 0) return [];
  const lines = [heading('Sources')];
  for (const { name, connector, notes } of sources)
    lines.push(...hanging(`  ${name} (${connector}): `, notes.join('; '), 4));
  return [...lines, ...hanging('  Partitions by ', partitionBy.join(', '), 4)];
}

function ratesLines({ rates }: Plan): string[] {
  if (rates.length === 0) return [];
  return [
    heading('Rates'),
    ...rates.flatMap(({ table, notes }) => hanging(`  ${table}: `, notes.join('; '), 4)),
  ];
}

function warningLines({ warnings }: Plan): string[] {
  if (warnings.length === 0) return [];
  return [
    heading(`Warnings (${warnings.length})`),
    ...warnings.flatMap(({ about, message }) => hanging('  - ', `${about}: ${message}`, 4)),
  ];
}

function heading(text: string): string {
  return `${text}\n${'─'.repeat(Math.min(WIDTH, text.length))}`;
}

/** A label and its words; each text of several starts a line. */
function entry(indent: number, label: string, words: string | readonly string[]): string[] {
  const texts = typeof words === 'string' ? [words] : words;
  const width = indent + 9;
  return texts.flatMap((text, i) =>
    hanging(
      ' '.repeat(indent) + (i === 0 ? label : '').padEnd(9),
      text,
      i === 0 && texts.length === 1 ? width : width + 2,
    ),
  );
}

/** Words after a beginning, broken between words; further lines are indented. */
function hanging(beginning: string, text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = beginning;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      [line, isEmpty] = [' '.repeat(indent), true];
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].map((each) => each.replaceAll(NO_BREAK, ' '));
}
