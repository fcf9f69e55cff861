import { LIFE_STORIES } from './stories-life.ts';
import { MATCHING_STORIES } from './stories-matching.ts';
import type { Story } from './story.ts';

/** Worked cases of SEMANTICS §1 to §3. Expected results were worked out by hand from the specification. */
export const STORIES: readonly Story[] = [...MATCHING_STORIES, ...LIFE_STORIES];
