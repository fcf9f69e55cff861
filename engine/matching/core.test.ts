import { expect, test } from 'vitest';
import { CollectingSink } from '../testing/collect.ts';
import { Teller, type StoryListener } from '../testing/story.ts';
import { gatewayToBank } from '../testing/story-rules.ts';
import { PartitionKernel } from './kernel.ts';

test('a record that leaves memory twice is told at once', () => {
  const kernel = new PartitionKernel({ epoch: 1, partition: 0, watermark: 'records' });
  const sink = new CollectingSink();
  const listener: StoryListener = {
    apply: (message) => {
      kernel.apply(message, sink);
      return sink.take();
    },
    finish: () => [],
  };
  const teller = new Teller({ rules: gatewayToBank() }, listener);
  teller.tell('gateway g1 100.00 A 10:00');
  const { core } = kernel;
  const state = core.stateOf(0);
  core.leaveLane(state, 0);
  expect(() => core.leaveLane(state, 0)).toThrow('record 0 in memory left its lane twice');
  core.release(0);
  expect(() => core.release(0)).toThrow('record 0 in memory was given back twice');
});
