import { expect, test } from 'vitest';
import { compareBatch, type Batch } from './agreement-batch.ts';

/** A test for each batch: it fails with the seed and the smallest trace, or says how much was compared. */
export function expectAgreement(batches: { readonly [name: string]: Batch }): void {
  test.each(Object.entries(batches))('%s', { timeout: 900_000 }, (name, batch) => {
    const compared = compareBatch(batch);
    if (typeof compared === 'string') expect.fail(compared);
    console.log(`${name}: ${compared.records} records in ${compared.traces} traces agree`);
  });
}
