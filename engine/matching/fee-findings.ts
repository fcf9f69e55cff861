import { exponentOf, formatMinor, type SourceFinding } from '../domain/index.ts';
import { LEFT } from './reconciliation-state.ts';
import type { KernelFields } from './kernel-fields.ts';
import type { Lane } from './rules-in-force.ts';

/**
 * Compares the fee and tax that a record reports with those that the contract says of the first lane that has one. What
 * a record does not report is not compared.
 */
export function findFeeVariance(
  lanes: readonly Lane[],
  record: KernelFields,
  found: (finding: SourceFinding) => void,
): void {
  const { fee, tax } = record;
  if (fee === 0 && tax === 0) return;
  const lane = lanes.find(
    ({ state, side }) => state.definition[side === LEFT ? 'left' : 'right'].fees !== undefined,
  );
  if (lane === undefined) return;
  const { state, side } = lane;
  const { currency } = record;
  const money = (minor: number): string => `${formatMinor(minor, exponentOf(currency))} ${currency}`;
  const expected = state.rules[0]!.pairing.expected(side, record);
  for (const kind of ['fee', 'tax'] as const) {
    const [reported, wanted] = [record[kind], expected[kind]];
    if (reported === 0 || reported === wanted) continue;
    const contract = state.definition[side === LEFT ? 'left' : 'right'].fees!;
    found({
      kind,
      source: record.text('source'),
      recordId: record.text('id'),
      account: record.text('account'),
      currency,
      amount: reported - wanted,
      message: `record "${record.text('id')}" reports a ${kind} of ${money(reported)}; contract "${contract}" says ${money(wanted)}`,
    });
  }
}
