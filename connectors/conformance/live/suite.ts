import { afterEach, describe, test } from 'vitest';
import { CONNECTORS } from '../../registry.ts';
import type { LiveCheck } from './checking.ts';
import { LIVE_LINES } from './lines.ts';
import type { LiveLine } from './lines.ts';
import { checkNotApplicable } from './not-applicable.ts';
import { LiveRig } from './rig.ts';
import { LIVE_SAMPLES } from './samples/index.ts';

/** The connectors that talk with their providers, by name. */
export const LIVE_NAMES: readonly string[] = CONNECTORS.filter(
  ({ capabilities }) => capabilities.webhooks || capabilities.polling,
).map(({ name }) => name);

/** Tests these lines of every live connector, and says which of them do not apply to it, and why. */
export function testLines(checks: { readonly [line in LiveLine]?: LiveCheck }): void {
  let rig: LiveRig | undefined;
  afterEach(async () => {
    await rig?.close();
    rig = undefined;
  });
  for (const name of LIVE_NAMES) {
    const sample = LIVE_SAMPLES[name];
    if (sample === undefined) continue;
    describe(name, () => {
      for (const [line, { options, check }] of Object.entries(checks) as [LiveLine, LiveCheck][]) {
        const title = LIVE_LINES[line];
        const reason = sample.notApplicable[line];
        if (reason !== undefined) {
          console.log(`${name}: "${title}" does not apply: ${reason}`);
          test(`does not apply, because ${reason}: ${title}`, async () => {
            rig = await LiveRig.open(name, sample);
            await checkNotApplicable(line, rig);
          });
          continue;
        }
        test(title, async () => {
          rig = await LiveRig.open(name, sample, options?.(sample));
          await check(rig);
        });
      }
    });
  }
}
