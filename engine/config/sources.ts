import { z } from 'zod';
import type { SourceRule } from '../domain/index.ts';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../domain/index.ts';
import { knownKeys, keepKnownKeys } from './describe.ts';
import { duration } from './scalars.ts';
import { didYouMean } from './suggest.ts';

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

/** What every source may say, whatever its connector. */
const commonShape = {
  /** How far behind its latest record the source may still bring earlier ones. */
  outOfOrder: duration('0s', '366d').prefault('0s'),
  /** After this long without a record the source no longer holds the watermark back. */
  idleTimeout: duration('100ms', '366d').prefault(`${DEFAULT_IDLE_TIMEOUT_MS}ms`),
  /** Other content under a seen id: a record of its own with a finding, or a dead letter. */
  onIdReuse: z.enum(['accept', 'reject']).prefault('accept'),
};
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
    const checkedCommon = z.object(commonShape).safeParse(common, options);
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

/** Common settings as a connector's own schema resolved them, its defaults included. */
function ownCommon(settings: unknown): Partial<Pick<SourceConfig, CommonKey>> {
  const found: { [key: string]: unknown } = {};
  if (typeof settings === 'object' && settings !== null) {
    for (const key of COMMON_KEYS) {
      const value = (settings as { [key: string]: unknown })[key];
      if (value !== undefined && typeof value === (key === 'onIdReuse' ? 'string' : 'number'))
        found[key] = value;
    }
  }
  return found;
}
