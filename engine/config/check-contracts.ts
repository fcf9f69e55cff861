import type { FeeContract } from '../domain/index.ts';
import { checkFilter, type CrossIssue, type DocumentPlace } from './check-filter.ts';

type Line = FeeContract['lines'][number];

/** Fee contracts: bounds that contradict each other, and tiers that can never be reached. */
export function* checkContracts(contracts: { readonly [name: string]: FeeContract }): Generator<CrossIssue> {
  for (const [name, contract] of Object.entries(contracts)) {
    for (const [i, line] of contract.lines.entries()) {
      const path = ['feeContracts', name, 'lines', i];
      const of = `line ${i + 1} of fee contract "${name}"`;
      yield* checkFilter(line.where, [...path, 'where'], of);
      if (line.min !== undefined && line.max !== undefined && Number(line.min) > Number(line.max)) {
        yield { path: [...path, 'min'], message: `${of}: min ${line.min} is more than max ${line.max}` };
      }
      yield* checkTiers(line, path, of);
    }
  }
}

function* checkTiers(line: Line, path: DocumentPlace, of: string): Generator<CrossIssue> {
  const tiers = line.tiers ?? [];
  for (const [i, { upTo, percent, fixed }] of tiers.entries()) {
    const at = [...path, 'tiers', i];
    if (percent === undefined && fixed === undefined) {
      yield { path: at, message: `${of}: tier ${i + 1} changes nothing; give it percent or fixed` };
    }
    const before = tiers[i - 1]?.upTo;
    if (i > 0 && before === undefined) {
      yield {
        path: at,
        message: `${of}: tier ${i + 1} is never reached, because tier ${i} has no upTo; put the tier without upTo last`,
      };
    } else if (before !== undefined && upTo !== undefined && Number(upTo) <= Number(before)) {
      yield {
        path: [...at, 'upTo'],
        message: `${of}: tier ${i + 1} is never reached: its upTo ${upTo} is not above the ${before} of the tier before it`,
      };
    }
  }
}
