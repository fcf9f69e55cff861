import { CHANGED_RULES_STORIES } from './stories-changed-rules.ts';
import { COMMAND_STORIES } from './stories-commands.ts';
import { GROUP_STORIES } from './stories-groups.ts';
import { LANGUAGE_STORIES } from './stories-language.ts';
import { LIFE_STORIES } from './stories-life.ts';
import { MATCHING_STORIES } from './stories-matching.ts';
import { MONEY_STORIES } from './stories-money.ts';
import { PART_STORIES } from './stories-parts.ts';
import { PUBLISHED_RATES_STORIES } from './stories-published-rates.ts';
import { REPLACING_GROUP_STORIES } from './stories-replacing-groups.ts';
import { REPLACING_STORIES } from './stories-replacing.ts';
import { SPECIFICATION_STORIES } from './stories-specification.ts';
import type { Story } from './story.ts';

/** Worked cases of SEMANTICS. Expected results were worked out by hand from the specification. */
export const STORIES: readonly Story[] = [
  ...MATCHING_STORIES,
  ...LIFE_STORIES,
  ...LANGUAGE_STORIES,
  ...GROUP_STORIES,
  ...PART_STORIES,
  ...MONEY_STORIES,
  ...PUBLISHED_RATES_STORIES,
  ...COMMAND_STORIES,
  ...CHANGED_RULES_STORIES,
  ...REPLACING_STORIES,
  ...REPLACING_GROUP_STORIES,
  ...SPECIFICATION_STORIES,
];
