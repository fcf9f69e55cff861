import { expect } from 'vitest';
import type { Delivery } from '../../contract/index.ts';
import { isWebhookLine } from './lines.ts';
import type { LiveLine } from './lines.ts';
import type { LiveRig } from './rig.ts';

const NOT_APPLICABLE_CHECKS: {
  readonly [line in LiveLine]?: (rig: LiveRig) => Promise<void> | void;
} = {
  crashBeforeCursor(rig) {
    expect(rig.session.polling).toBeUndefined();
  },
  rateLimit: callsNobody,
  outage: callsNobody,
  staleTimestamp: hasNoTime,
  futureTimestamp: hasNoTime,
  /** Whatever a body claims, what comes of it is the same. */
  async changedBody(rig) {
    const body = await rig.telling();
    const { headers } = rig.signed(body);
    expect((await rig.deliver({ headers, body })).status).toBe(200);
    const told = rig.lines;
    await rig.forget();
    const lies = body.replaceAll(/"value":\d+/g, '"value":99999900');
    expect(lies).not.toBe(body);
    expect((await rig.deliver({ headers, body: lies })).status).toBe(200);
    expect(rig.lines).toEqual(told);
  },
};

function callsNobody(rig: LiveRig): void {
  expect(rig.isCalling).toBe(false);
}

async function hasNoTime(rig: LiveRig): Promise<void> {
  const { headers, body } = rig.signed(await rig.telling());
  const delivery: Delivery = { requestId: 'r', headers, body: Buffer.from(body), receivedMs: rig.now() };
  expect((await rig.session.webhooks!.verify(delivery)).sentMs).toBeUndefined();
}

/**
 * Shows what can be shown of a line that does not apply: that there is nothing it could be about.
 * @throws Error for a line that every source has to keep to
 */
export async function checkNotApplicable(line: LiveLine, rig: LiveRig): Promise<void> {
  if (isWebhookLine(line) && rig.sample.webhooks === undefined) {
    expect(rig.session.webhooks).toBeUndefined();
    return;
  }
  const check = NOT_APPLICABLE_CHECKS[line];
  if (check === undefined) throw new Error(`every source has to keep to the line "${line}"`);
  await check(rig);
}
