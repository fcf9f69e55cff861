import { z } from 'zod';
import { durationSchema } from '../domain/index.ts';

/** A whole number within limits. Digits in quotes pass too, because `${PORT}` is substituted as text. */
export function integer(least: number, most: number): z.ZodType<number> {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
    z
      .number({ error: `wants a whole number from ${least} to ${most}` })
      .refine((value) => Number.isSafeInteger(value) && value >= least && value <= most, {
        error: `wants a whole number from ${least} to ${most}`,
      }),
  );
}

/** A duration within limits, both inclusive and written as durations, read as milliseconds. */
export function duration(least: string, most: string): z.ZodType<number, string> {
  const [leastMs, mostMs] = [durationSchema.parse(least), durationSchema.parse(most)];
  return durationSchema.refine((ms) => ms >= leastMs && ms <= mostMs, {
    error: `wants a duration from ${least} to ${most}`,
  });
}

const SIZE = /^(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB|TiB)$/;
const UNIT_BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;

/** A size such as `512MiB` within limits, read as bytes. */
export function byteSize(least: string, most: string): z.ZodType<number, string> {
  const wanted = `wants a size from ${least} to ${most} such as 512MiB or 4GiB`;
  const [leastBytes, mostBytes] = [parseSize(least)!, parseSize(most)!];
  return z
    .string({ error: wanted })
    .transform((text) => parseSize(text) ?? Number.NaN)
    .refine((bytes) => bytes >= leastBytes && bytes <= mostBytes, { error: wanted });
}

function parseSize(text: string): number | undefined {
  const parts = SIZE.exec(text.trim());
  return parts === null
    ? undefined
    : Math.floor(Number(parts[1]) * UNIT_BYTES[parts[2] as keyof typeof UNIT_BYTES]);
}
