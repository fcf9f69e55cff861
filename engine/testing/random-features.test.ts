import { describe, expect, it } from 'vitest';
import { FEATURES, type Feature } from './random-features.ts';
import { randomTrace } from './random-trace.ts';
import { situationsOf } from './situations.ts';
import { BY_SOURCES } from './trace-run.ts';
import { traceText } from './trace-text.ts';
import { referenceRun, type Trace } from './trace.ts';
import { ruleSetProblem } from './written-rules.ts';

const MIXTURES: readonly (readonly Feature[])[] = [[], ...FEATURES.map((feature) => [feature]), FEATURES];

/** Traces that are looked at for each line of WANTED. */
const TRACES = 24;

/** What must occur with some features, and how often in TRACES traces of 60 messages at least. */
const WANTED: readonly (readonly [
  features: readonly Feature[],
  wanted: { readonly [situation: string]: number },
])[] = [
  [
    ['language'],
    {
      match: 80,
      'cause fee': 2,
      'cause tolerance': 8,
      'why window': 8,
      'why date': 2,
      'why sign': 1,
      'why amount': 8,
    },
  ],
  [['hold'], { match: 80, 'break ambiguous open': 4 }],
  [['pools'], { match: 80, 'break unmatched open': 80 }],
  [
    ['groups'],
    {
      'match of 3 or more': 40,
      'break group open': 20,
      'why signal': 4,
      'why cardinality': 2,
      'why sum': 8,
      'why noCounterpart': 8,
    },
  ],
  [['captureAll'], { 'match of 3 or more': 20, 'break group open': 8 }],
  [['contra'], { 'match of one side': 20 }],
  [
    ['late'],
    {
      'match of 3 or more': 40,
      'match, later version': 12,
      'break lateMember open': 6,
      'break lateMember resolved': 1,
      'break group, later version': 4,
    },
  ],
  [['partial'], { 'match, later version': 12, 'why residual': 8 }],
  [['fees'], { match: 40, 'finding fee': 8, 'finding tax': 4, 'cause fee': 8, 'cause tax': 4 }],
  [['fx'], { 'match with a rate': 20, 'cause fx': 4, 'why rateMissing': 1 }],
  [
    ['commands'],
    {
      'match by match': 8,
      'match by adjust': 4,
      'match undone': 8,
      'break unmatched writtenOff': 8,
      'break with a reason': 2,
      'finding commandInvalid': 4,
      'answer match accepted': 8,
      'answer match refused': 8,
      'answer unmatch accepted': 8,
      'answer unmatch refused': 3,
      'answer writeOff accepted': 8,
      'answer writeOff refused': 2,
      'answer adjust refused': 4,
      'answer reopen accepted': 2,
      'answer reopen refused': 8,
      'answer assignReason accepted': 2,
      'answer assignReason refused': 2,
      'answer rules accepted': 4,
      'answer rules refused': 1,
      'cause adjustment': 4,
    },
  ],
  [['rules'], { match: 40, 'finding rulesRefused': 2 }],
  [['replace'], { 'break amended open': 2, 'match, later version': 4 }],
  [['twins'], { 'break duplicate open': 12 }],
  [['overdue'], { 'finding sourceOverdue': 8 }],
  [['rates'], { 'match with a rate': 20, 'why rateMissing': 20, 'answer rates accepted': 40 }],
];

describe('random traces with features', () => {
  it.each(MIXTURES)('have rules that a configuration would take: %s', (...features) => {
    for (let seed = 0; seed < 12; seed++) {
      for (const step of randomTrace(seed, { features, steps: 40 }).steps) {
        if (step.kind === 'rules') expect(ruleSetProblem(step.rules)).toBeUndefined();
      }
    }
  });

  it('are the same for the same seed, and a shorter one is the beginning of a longer', () => {
    for (const features of MIXTURES) {
      const [trace, again] = [randomTrace(7, { features }), randomTrace(7, { features })];
      expect(again.steps).toEqual(trace.steps);
      expect(randomTrace(7, { features, steps: 30 }).steps).toEqual(trace.steps.slice(0, 31));
      expect(traceText(trace.steps)).not.toBe(traceText(randomTrace(8, { features }).steps));
    }
  });

  it.each(WANTED)('of %s are full of what they are for', (features, wanted) => {
    const found = new Map<string, number>();
    for (let seed = 0; seed < TRACES; seed++) {
      for (const [name, count] of situationsOf(run(randomTrace(seed, { features })))) {
        found.set(name, (found.get(name) ?? 0) + count);
      }
    }
    const missing = Object.entries(wanted).filter(([name, least]) => (found.get(name) ?? 0) < least);
    const told = missing.map(([name, least]) => `${name}: ${found.get(name) ?? 0} of at least ${least}`);
    expect(told).toEqual([]);
  });
});

function run(trace: Trace): ReturnType<typeof referenceRun> {
  return referenceRun(trace, BY_SOURCES);
}
