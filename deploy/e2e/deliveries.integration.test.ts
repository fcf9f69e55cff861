import { expect, test } from 'vitest';
import { BANK } from '../../connectors/simulators/scenario/index.ts';
import { compareLedgers } from './deliveries/ledgers.ts';
import { HAS_ALL_PROVIDERS, LIMIT_MS } from './deliveries/scale.ts';
import { inSetting } from './deliveries/setting.ts';
import type { Told } from './deliveries/world-child.ts';
import { getJson } from './rest.ts';

/*
 * The long run: `PAYMENTS=400000 PROVIDERS=stripe npx vitest run --project integration deploy/e2e/deliveries.integration`.
 * Of N-Genius, no more than 10,000 orders are looked at.
 */

interface Summary {
  readonly totals: { readonly deadLetters: number };
}

test(
  'payment companies with every fault at once are in the store to the last record',
  () => {
    const heard: Told[] = [];
    return inSetting(
      { onTold: (told) => heard.push(told) },
      async ({ world, wantedFile, salesPart, up: startUp }) => {
        const up = await startUp({
          sources: { ...world.sources, ledger: { connector: 'http-json' } },
          reconciliations: [
            {
              name: 'ledger-to-gateways',
              left: { sources: ['ledger'] },
              right: { sources: Object.keys(world.sources) },
              window: { before: '1d', after: '1d' },
              rules: [{ name: 'by-charge', keys: ['references.charge'] }],
            },
          ],
        });
        world.play();
        const done = await world.done();
        const sold = heard.findLast((told) => salesPart(told) <= 1) ?? done;
        console.log(`while sales go on: ${rateOf(sold)}; with all that follows: ${rateOf(done)}`);
        for (const { source, wanted, found } of await compareLedgers(up.apiUrl, wantedFile)) {
          // Of some companies alone, no money may have come to the bank yet.
          if (source !== BANK || HAS_ALL_PROVIDERS) expect(wanted.length, source).toBeGreaterThan(0);
          expect(found, source).toEqual(wanted);
        }
        const { totals } = await getJson<Summary>(up.apiUrl, '/v1/summary');
        expect(totals.deadLetters).toBe(0);
        expect(await up.stop()).toBe(0);
      },
    );
  },
  LIMIT_MS,
);

function rateOf({ posted, seconds }: Pick<Told, 'posted' | 'seconds'>): string {
  return `${posted} deliveries in ${seconds.toFixed(1)} s, ${Math.round(posted / seconds)} a second`;
}
