import type { ExpectedRecord, Scenario, ScenarioSource } from '../../../simulators/scenario/index.ts';
import { lineOf } from '../../kept-records.ts';

/** The lines of a source's ledger by the keys that its records have. @param timeOf when they say that they happened */
export function linesOf(
  scenario: Scenario,
  source: ScenarioSource,
  keyOf: (record: ExpectedRecord) => string,
  timeOf: (record: ExpectedRecord) => number = ({ atMs }) => atMs,
): { readonly [key: string]: string } {
  return Object.fromEntries(
    scenario.ledger(source).map((record) => {
      const status = record.isVoid === true ? 'void' : 'booked';
      return [keyOf(record), lineOf({ ...record, status, time: timeOf(record) })];
    }),
  );
}
