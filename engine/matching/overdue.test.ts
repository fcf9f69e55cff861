import { expect, test } from 'vitest';
import type { LogMessage } from '../domain/index.ts';
import { CollectingSink } from '../testing/collect.ts';
import { ReferenceMatcher } from '../testing/reference-matcher.ts';
import { STORIES } from '../testing/stories.ts';
import { play, type StoryListener } from '../testing/story.ts';
import { createKernel, type KernelOptions } from './index.ts';

const STORY = STORIES.find(({ name }) => name.startsWith('a source that is overdue'))!;

function kernel(options: KernelOptions): StoryListener {
  const sink = new CollectingSink();
  const made = createKernel(options);
  return {
    apply(message: LogMessage) {
      made.apply(message, sink);
      return sink.take();
    },
    finish: () => [],
  };
}

test.each([0, 1])(
  'all partitions wait for an overdue source, the first says so: partition %d',
  (partition) => {
    const options: KernelOptions = { epoch: 1, partition, watermark: 'sources' };
    const expected = STORY.expected.filter((line) => partition === 0 || !line.includes('sourceOverdue'));
    expect(expected).toHaveLength(partition === 0 ? 3 : 2);
    expect(play(STORY, new ReferenceMatcher(options))).toEqual(expected);
    expect(play(STORY, kernel(options))).toEqual(expected);
  },
);
