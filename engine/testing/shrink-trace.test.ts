import { describe, expect, it } from 'vitest';
import type { MoneyRecord, Rule } from '../domain/index.ts';
import { randomTrace } from './random-trace.ts';
import { shrinkTrace } from './shrink-trace.ts';
import { traceText } from './trace-text.ts';
import type { Trace } from './trace.ts';
import { ruleSetProblem } from './written-rules.ts';

function rulesOf(trace: Trace): Rule[] {
  return trace.steps.flatMap((step) =>
    step.kind === 'rules' ? step.rules.reconciliations.flatMap((each) => each.rules) : [],
  );
}

function recordsOf(trace: Trace): readonly MoneyRecord[] {
  return trace.steps.flatMap((step) => (step.kind === 'records' ? step.records : []));
}

/** Stands for a fault that shows with a percentage, a refund that has a value date, and a tick. */
function fails(trace: Trace): boolean {
  return (
    rulesOf(trace).some((rule) => rule.tolerance.percent !== undefined) &&
    recordsOf(trace).some((record) => record.kind === 'refund' && record.valueDate !== undefined) &&
    trace.steps.some((step) => step.kind === 'tick')
  );
}

const failing = Array.from({ length: 50 }, (_, seed) =>
  randomTrace(seed, { features: ['language', 'fees'] }),
).find(fails)!;

describe('shrinking a trace', () => {
  it('leaves out all that the failure does not need: steps, records, and parts of both and of the rules', () => {
    const small = shrinkTrace(failing, fails);
    expect(fails(small)).toBe(true);
    expect(small.steps.map((step) => step.kind).toSorted()).toEqual(['records', 'rules', 'tick']);
    const [record, ...others] = recordsOf(small);
    expect(others).toEqual([]);
    expect(record).toMatchObject({ kind: 'refund', fee: 0n, tax: 0n, references: {}, attributes: {} });
    expect(record!.groupCount ?? record!.link ?? record!.bookingDate).toBeUndefined();
    const [rule, ...otherRules] = rulesOf(small);
    expect(otherRules).toEqual([]);
    expect(rule!.keys).toHaveLength(1);
    expect(Object.keys(rule!).toSorted()).toEqual(['keys', 'name', 'tolerance']);
    expect(Object.keys(rule!.tolerance)).toEqual(['percent']);
  });

  it('leaves rules that a configuration would take', () => {
    for (const step of shrinkTrace(failing, fails).steps) {
      if (step.kind === 'rules') expect(ruleSetProblem(step.rules)).toBeUndefined();
    }
  });

  it('gives what it has found when its time is over', () => {
    const started = performance.now();
    const slowly = (trace: Trace): boolean => {
      const until = performance.now() + 20;
      while (performance.now() < until);
      return fails(trace);
    };
    const small = shrinkTrace(failing, slowly, 200);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(fails(small)).toBe(true);
    expect(small.steps.length).toBeLessThan(failing.steps.length);
  });

  it('can be read: a line for each message, record and reconciliation', () => {
    const lines = traceText(shrinkTrace(failing, fails).steps).split('\n');
    expect(lines.length).toBeLessThan(12);
    expect(lines[0]).toMatch(/^1\. 2026-11-20T22:00:00\.000 rules /);
    expect(lines.join('\n')).toMatch(/refund [A-Z]{3} -?\d+ 20\d\d-/);
    expect(lines.join('\n')).toMatch(/reconciliation \{"name":"rec-\d","left":/);
  });
});
