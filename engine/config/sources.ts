import { z } from 'zod';
import {
  DAY_MS,
  DEFAULT_IDLE_TIMEOUT_MS,
  calendarsSchema,
  daySpanSchema,
  keyFieldSchema,
  nameSchema,
  timeOfDaySchema,
  zoneSchema,
  didYouMean,
} from '../domain/index.ts';
import type { SourceDue, SourceRule } from '../domain/index.ts';
import { knownKeys, keepKnownKeys } from './known-keys.ts';
import { duration } from './scalars.ts';

/** The settings of each kind of connector, by the connector's name. */
export interface ConnectorSchemas {
  readonly [connector: string]: z.ZodType;
}

/** A configured connector instance. Durations are milliseconds. */
export interface SourceConfig extends SourceRule {
  readonly connector: string;
  /** What the connector's own schema made of the rest: its type is known to the connector alone. */
  readonly settings: unknown;
}

/** How often a source is due: open days, `1bd`, or days of any kind, `7d`. */
const everySchema = daySpanSchema.transform((span, context): number => {
  const days = 'ms' in span ? span.ms / DAY_MS : span.businessDays;
  if (Number.isInteger(days) && days >= 1) return days;
  context.addIssue({ code: 'custom', message: 'wants whole days, such as 1bd or 7d, at least one' });
  return z.NEVER;
});

const dueSchema = z
  .strictObject({
    every: everySchema,
    by: timeOfDaySchema,
    zone: zoneSchema.prefault('UTC'),
    /** Closed days are left out of the count. */
    calendar: calendarsSchema.prefault([]),
    /** How long an overdue source holds the watermark back. */
    maxHold: duration('0s', '366d').prefault('4h'),
  })
  .transform(({ every, ...due }): SourceDue => ({ everyDays: every, ...due }));

/** What every source may say, whatever its connector. */
const commonShape = {
  /** How far behind its latest record the source may still bring earlier ones. */
  outOfOrder: duration('0s', '366d').prefault('0s'),
  /** After this long without a record the source no longer holds the watermark back. */
  idleTimeout: duration('100ms', '366d').prefault(`${DEFAULT_IDLE_TIMEOUT_MS}ms`),
  /** Other content under a seen id: a record of its own with a finding, or a dead letter. */
  onIdReuse: z.enum(['accept', 'reject']).prefault('accept'),
  /** Other content under a seen id with a higher version is an amendment of it; onIdReuse does not apply then. */
  amends: z.literal('version', { error: 'wants version' }).optional(),
  /** Interim records, of other sources, whose place this source's records with equal keys take. */
  supersedes: z
    .strictObject({
      sources: z.array(nameSchema).min(1, 'wants at least one source').max(16),
      keys: z.array(keyFieldSchema).min(1, 'wants at least one field').max(8),
    })
    .optional(),
  /** When the source is expected to have spoken; `sourceOverdue` is a finding. */
  due: dueSchema.optional(),
};
const commonSchema = z.object(commonShape);
type CommonKey = keyof typeof commonShape;
const COMMON_KEYS = Object.keys(commonShape) as CommonKey[];

/** A source's settings: `connector`, the common ones, and the connector's own, each checked by whoever owns it. */
export function sourceSchema(connectors: ConnectorSchemas): z.ZodType<Omit<SourceConfig, 'name'>> {
  return z.record(z.string(), z.unknown()).transform((written, context) => {
    const { connector, ...rest } = written;
    const names = Object.keys(connectors);
    const schema =
      typeof connector === 'string' && names.includes(connector) ? connectors[connector] : undefined;
    if (schema === undefined) {
      const message =
        typeof connector === 'string'
          ? `unknown connector "${connector.slice(0, 60)}", wants one of ${names.join(', ')}${didYouMean(connector, names)}`
          : `wants the name of a connector: one of ${names.join(', ')}`;
      context.addIssue({ code: 'custom', path: ['connector'], message });
      return z.NEVER;
    }
    // A connector that has its own idea of a common setting (another default, say) keeps it.
    const own = new Set(knownKeys(schema));
    const isCommon = (key: string): boolean => (COMMON_KEYS as readonly string[]).includes(key);
    const common = pick(rest, isCommon);
    const ownSettings = pick(rest, (key) => own.has(key) || !isCommon(key));
    const options = { error: keepKnownKeys(COMMON_KEYS) };
    const checkedCommon = commonSchema.safeParse(common, options);
    const settings = schema.safeParse(ownSettings, options);
    for (const result of [checkedCommon, settings]) {
      for (const issue of result.error?.issues ?? []) {
        // A key that both check is reported once.
        if (result === settings && isCommon(String(issue.path[0])) && !checkedCommon.success) continue;
        context.addIssue({ ...issue });
      }
    }
    if (!checkedCommon.success || !settings.success) return z.NEVER;
    return {
      connector: connector as string,
      ...checkedCommon.data,
      ...ownCommon(settings.data),
      settings: settings.data,
    };
  });
}

function pick(
  settings: { readonly [key: string]: unknown },
  wanted: (key: string) => boolean,
): { [key: string]: unknown } {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => wanted(key)));
}

/** Common settings that a connector may have its own idea of, and their types. */
const OWN_TYPES: { readonly [key: string]: string } = {
  outOfOrder: 'number',
  idleTimeout: 'number',
  onIdReuse: 'string',
  amends: 'string',
};

/** Common settings as a connector's own schema resolved them, its defaults included. */
function ownCommon(settings: unknown): Partial<Pick<SourceConfig, CommonKey>> {
  const found: { [key: string]: unknown } = {};
  if (typeof settings === 'object' && settings !== null) {
    for (const key of Object.keys(OWN_TYPES)) {
      const value = (settings as { [key: string]: unknown })[key];
      if (value !== undefined && typeof value === OWN_TYPES[key]) found[key] = value;
    }
  }
  return found;
}
