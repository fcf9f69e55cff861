import type { MoneyRecord, SourceFinding } from '../../domain/index.ts';
import { expectedFee, feeTax, fieldsOf, roundFee } from '../../rules/index.ts';
import type { ReferenceReconciliation } from './reconciliation.ts';

/** A9: what a record says it cost against what the contract of the first lane that has one says, if it says anything. */
export function feeFindings(
  reconciliations: readonly ReferenceReconciliation[],
  record: MoneyRecord,
): SourceFinding[] {
  const fields = fieldsOf(record);
  for (const reconciliation of reconciliations) {
    const side = reconciliation.sideOf(record, fields);
    const contract = side === undefined ? undefined : reconciliation.contracts[side];
    if (contract === undefined) continue;
    const fee = roundFee(expectedFee(contract, fields));
    const tax = feeTax(contract, fee);
    return [
      ...findingOf('fee', record, Number(record.fee), fee),
      ...findingOf('tax', record, Number(record.tax), tax),
    ];
  }
  return [];
}

function findingOf(
  kind: 'fee' | 'tax',
  record: MoneyRecord,
  charged: number,
  expected: number,
): SourceFinding[] {
  if (charged === 0 || charged === expected) return [];
  return [
    {
      kind,
      source: record.source,
      recordId: record.id,
      account: record.account,
      currency: record.currency,
      amount: charged - expected,
      message: `${kind} of ${charged} minor units where the contract says ${expected}`,
    },
  ];
}
