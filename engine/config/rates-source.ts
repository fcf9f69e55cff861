import { z } from 'zod';
import { currencySchema, type RatesSource } from '../domain/index.ts';
import { duration } from './scalars.ts';

const column = z.string().min(1, 'wants the name of a column').max(200);

const headersSchema = z
  .record(
    z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'wants the name of a header, such as authorization'),
    z.string().regex(/^[\t\x20-\x7e]{1,4096}$/, 'wants one line of plain text'),
  )
  .refine((headers) => Object.keys(headers).length <= 16, 'at most 16 headers');

/** Where a table's rates are published while the engine runs, and which of its columns say what. */
export const ratesSourceSchema: z.ZodType<RatesSource> = z
  .strictObject({
    url: z
      .string()
      .regex(
        /^https?:\/\/[^\s@]+$/,
        'wants an address such as https://rates.example/daily.csv, and no password in it',
      )
      .refine((text) => URL.canParse(text), 'wants an address such as https://rates.example/daily.csv')
      .optional(),
    path: z.string().min(1, 'wants a path').optional(),
    headers: headersSchema.optional(),
    every: duration('1s', '7d').prefault('1h'),
    timeout: duration('100ms', '5m').prefault('30s'),
    format: z.enum(['csv', 'json']).prefault('csv'),
    layout: z.enum(['long', 'wide']).prefault('long'),
    delimiter: z
      .string()
      .regex(/^[^"\r\n]$/, 'wants one character')
      .optional(),
    items: column.optional(),
    columns: z
      .strictObject({
        date: column.optional(),
        from: column.optional(),
        to: column.optional(),
        rate: column.optional(),
      })
      .prefault({}),
    from: currencySchema.optional(),
    to: currencySchema.optional(),
  })
  .superRefine((source, context) => {
    const issue = (path: readonly string[], message: string): void =>
      context.addIssue({ code: 'custom', path: [...path], message });
    const { url, path, headers, format, layout, delimiter, items, columns, from, to } = source;
    if ((url === undefined) === (path === undefined))
      issue([], 'a source of rates has either a url or the path of a file');
    if (headers !== undefined && url === undefined)
      issue(['headers'], 'headers go with a url; a file has none');
    if (delimiter !== undefined && format === 'json') issue(['delimiter'], 'only csv has a delimiter');
    if (items !== undefined && format === 'csv')
      issue(['items'], 'only json has items; a CSV is rows already');
    if (layout === 'wide') {
      if ((from === undefined) === (to === undefined))
        issue([], 'the wide layout has from or to: the one currency that its columns are rates of');
      for (const name of ['from', 'to'] as const) {
        if (columns[name] !== undefined)
          issue(
            ['columns', name],
            'in the wide layout the columns are the currencies; set from or to beside columns',
          );
      }
      if (format === 'csv' && columns.rate !== undefined)
        issue(
          ['columns', 'rate'],
          'in the wide layout the rates are in the columns that are named by currencies',
        );
      return;
    }
    for (const name of ['from', 'to'] as const) {
      if (source[name] !== undefined && columns[name] !== undefined)
        issue(['columns', name], `${name} is one currency, ${source[name]}; leave one of the two out`);
    }
  })
  .transform(({ headers, delimiter, columns, ...source }): RatesSource => ({
    ...source,
    url: source.url,
    path: source.path,
    items: source.items,
    from: source.from,
    to: source.to,
    headers: headers ?? {},
    delimiter: delimiter ?? ',',
    columns: {
      date: columns.date ?? 'date',
      from: columns.from ?? 'from',
      to: columns.to ?? 'to',
      rate: columns.rate ?? (source.layout === 'wide' ? undefined : 'rate'),
    },
  }));
