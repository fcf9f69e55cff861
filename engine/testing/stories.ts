import { COMMAND_STORIES } from './stories-commands.ts';
import { GROUP_STORIES } from './stories-groups.ts';
import { LANGUAGE_STORIES } from './stories-language.ts';
import { LIFE_STORIES } from './stories-life.ts';
import { MATCHING_STORIES } from './stories-matching.ts';
import { MONEY_STORIES } from './stories-money.ts';
import { REPLACING_STORIES } from './stories-replacing.ts';
import { SPECIFICATION_STORIES } from './stories-specification.ts';
import type { Story } from './story.ts';

/** Worked cases of SEMANTICS. Expected results were worked out by hand from the specification. */
export const STORIES: readonly Story[] = [
  ...MATCHING_STORIES,
  ...LIFE_STORIES,
  ...LANGUAGE_STORIES,
  ...GROUP_STORIES,
  ...MONEY_STORIES,
  ...COMMAND_STORIES,
  ...REPLACING_STORIES,
  ...SPECIFICATION_STORIES,
];
