import { expect, test } from 'vitest';
import { DELIVERY_CHECKS } from './delivery-checks.ts';
import { LIVE_SAMPLES } from './samples/index.ts';
import { LIVE_NAMES, testLines } from './suite.ts';

test.each(LIVE_NAMES)('%s has a sample', (name) => {
  expect(
    LIVE_SAMPLES[name],
    `connector "${name}" talks with its provider and has no sample: add one to connectors/conformance/live/samples`,
  ).toBeDefined();
});

test('there are no samples of connectors that are gone', () => {
  expect(Object.keys(LIVE_SAMPLES).filter((name) => !LIVE_NAMES.includes(name))).toEqual([]);
});

testLines(DELIVERY_CHECKS);
