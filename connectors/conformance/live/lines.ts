/** What a connector has to keep to where its provider sends webhooks. */
const WEBHOOK_LINES = {
  durable: 'a delivery is acknowledged only after its records are in the log',
  crashBeforeAnswer: 'a crash between publish and answer loses nothing and doubles nothing',
  redelivery: 'a delivery that comes again is one record',
  reordering: 'the order in which deliveries come does not matter',
  badSignature: 'a delivery of somebody else is refused',
  changedBody: 'a delivery that was changed on the way is refused',
  staleTimestamp: 'a delivery of long ago is refused',
  futureTimestamp: 'a delivery from the future is refused',
  oversize: 'a delivery that is too large is refused, announced or not',
  busy: 'a delivery for which there is no room is to come later',
  malformed: 'a delivery that cannot be read does no harm',
  unknownEvent: 'an event that nobody knows does no harm',
  secretRotation: 'two secrets are valid while one replaces the other',
} as const;

/** What every live connector has to keep to, each by a test. */
export const LIVE_LINES = {
  ...WEBHOOK_LINES,
  crashBeforeCursor: 'a crash between publish and cursor loses nothing and doubles nothing',
  unknownCurrency: 'a currency that nobody knows is a dead letter',
  rateLimit: 'a provider that limits calls costs nothing but time',
  outage: 'what happens while the provider is away is there when it is back',
  everyFault: 'with every fault at once, the records are those of the provider',
  /** By an integration test of its own. */
  kill: 'a process that is killed again and again loses nothing and doubles nothing',
} as const;

export type LiveLine = keyof typeof LIVE_LINES;
export type WebhookLine = keyof typeof WEBHOOK_LINES;

/** The lines that do not apply where a provider sends no webhooks. @param reason why it sends none */
export function withoutWebhooks(reason: string): { readonly [line in WebhookLine]: string } {
  const lines = Object.keys(WEBHOOK_LINES) as WebhookLine[];
  return Object.fromEntries(lines.map((line) => [line, reason])) as ReturnType<typeof withoutWebhooks>;
}

export function isWebhookLine(line: LiveLine): boolean {
  return line in WEBHOOK_LINES;
}
