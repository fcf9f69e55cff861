import { createRoute, z } from '@hono/zod-openapi';
import type { ApiEnv, ApiRouter, ApiServices } from '../env.ts';
import { LIVE_EVENT_TYPES } from '../live-client.ts';
import type { LiveEventType } from '../live-client.ts';
import { problems, textFilter } from '../schema/common.ts';

const isEventType = (text: string): text is LiveEventType =>
  (LIVE_EVENT_TYPES as readonly string[]).includes(text);

const liveQuery = z.strictObject({
  reconciliation: textFilter(
    'Only results of this reconciliation; findings and answers to commands belong to none and pass',
    'gateway-to-bank',
  ),
  types: z
    .string()
    .transform((text, context): LiveEventType[] => {
      const types = text.split(',');
      if (types.every(isEventType)) return types;
      context.addIssue({
        code: 'custom',
        message: `types is a comma-separated list of ${LIVE_EVENT_TYPES.join(', ')}`,
      });
      return z.NEVER;
    })
    .optional()
    .openapi({
      type: 'string',
      description: 'Comma-separated event types; all by default',
      example: 'match,break',
    }),
});

const route = createRoute({
  method: 'get',
  path: '/v1/live',
  operationId: 'streamLive',
  tags: ['Results'],
  summary: 'Results as they are stored, as server-sent events',
  description:
    'Events are `match`, `break`, `finding`, `command` (the objects of the lists) and `summary` (about once a second). Nothing is ' +
    'repeated: a client that reads too slowly, or that comes back with Last-Event-ID, gets a `gap` event with how many ' +
    'results it missed (null where nobody counted) and can read them from the lists.',
  request: { query: liveQuery },
  responses: {
    200: {
      description: 'A stream of events',
      content: {
        'text/event-stream': {
          schema: z.string(),
          example: 'event: match\ndata: {"matchId":"1-3-4720-0"}\n\n',
        },
      },
    },
    ...problems('invalidField', 'overloaded'),
  },
});

export function liveRoutes(app: ApiRouter, { hub }: ApiServices): void {
  app.openapi(route, (context) => {
    const { reconciliation, types } = context.req.valid('query');
    const filter = {
      types: new Set(types ?? LIVE_EVENT_TYPES),
      ...(reconciliation === undefined ? {} : { reconciliation }),
    };
    const reconnected = context.req.header('last-event-id') !== undefined;
    const headers = {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // Proxies of the nginx family would hold events back otherwise.
      'X-Accel-Buffering': 'no',
    };
    if (context.req.method === 'HEAD') return context.body(null, 200, headers);
    // Without a server in front (a direct call of the app) there is no environment at all.
    const outgoing = (context.env as ApiEnv['Bindings'] | undefined)?.outgoing;
    const stream = hub.connect(filter, reconnected, () => outgoing?.destroy());
    return context.body(stream, 200, headers);
  });
}
