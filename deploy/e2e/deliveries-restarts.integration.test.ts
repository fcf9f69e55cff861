import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readCheckpoint } from '../../engine/shards/checkpoint-file.ts';
import { packMessages } from '../../engine/shards/index.ts';
import { PartitionHost } from '../../engine/shards/partition-host.ts';
import { connectLog } from '../../engine/stream/index.ts';
import { Random } from '../../engine/testing/index.ts';
import { readLog, readStored } from '../../engine/testing/stored-rows.ts';
import { compareLedgers } from './deliveries/ledgers.ts';
import { OwnBroker } from './deliveries/own-broker.ts';
import { reconciled } from './deliveries/results.ts';
import { LIMIT_MS } from './deliveries/scale.ts';
import { PARTITIONS, inSetting } from './deliveries/setting.ts';
import type { Setting } from './deliveries/setting.ts';
import { SHOP, Shop } from './deliveries/shop.ts';
import type { Told, WorldChild } from './deliveries/world-child.ts';
import { getJson } from './rest.ts';
import type { UpProcess } from './up-process.ts';

/*
 * The long run: `PAYMENTS=400000 PROVIDERS=stripe npx vitest run --project integration deploy/e2e/deliveries-restarts`.
 * Of N-Genius, no more than 10,000 orders are looked at.
 */

/** What part of the sales is over when JetStream is killed, when `up` is, and when the world waits for it to be back. */
const [BROKER_DOWN, UP_DOWN, UP_AWAITED] = [1 / 4, 1 / 2, 2 / 3];
const BROKER_DOWN_MS = 1000;
/** A kill comes up to so much later, in the middle of whatever is done then. */
const SOON_MS = 150;
const COMPARED = ['records', 'matches', 'breaks'] as const;

test(
  'JetStream and then the engine killed in the middle lose nothing and double nothing',
  () => {
    let shop: Shop | undefined;
    const onTold = ({ nowMs }: Told): void => shop?.enterUntil(nowMs);
    return inSetting({ waitAfter: UP_AWAITED, onTold }, async (setting) => {
      const { world, directory } = setting;
      const random = new Random(setting.seed);
      const broker = await OwnBroker.start(join(directory, 'broker'));
      shop = new Shop(setting.scenario, setting.webhooksUrl);
      try {
        const config = configOf(broker.url, world.sources, shop);
        let up = await setting.up(config);
        world.play();
        const atBrokerKill = await restartBroker(setting, broker, random.integer(0, SOON_MS));
        expect(up.output()).toContain('lost NATS');

        const atUpKill = await killUp(setting, up, random.integer(0, SOON_MS));
        up = await setting.up(config);
        const { posted: atUpBack } = world.latest!;
        expect(atUpBack).toBeGreaterThan(atUpKill);
        world.play();
        const { posted, seconds } = await world.done();
        expect(posted).toBeGreaterThan(atUpBack);
        await shop.enterAll();
        expect(shop.repeated).toBeGreaterThan(0);
        console.log(
          `${posted} deliveries in ${seconds.toFixed(1)} s, ${atBrokerKill} before JetStream and ${atUpKill} ` +
            `before up was killed, ${atUpBack} when it was back; the shop sent ${shop.repeated} again`,
        );

        for (const { source, wanted, found } of await compareLedgers(up.apiUrl, setting.wantedFile)) {
          expect(found, source).toEqual(wanted);
        }
        const { matched, broken } = await reconciled(up.apiUrl, shop);
        const entries = shop.entered.map((order) => `${SHOP} sale-${order}`);
        expect(matched.filter((name) => name.startsWith(`${SHOP} `)).sort()).toEqual(entries.sort());
        expect(matched).toHaveLength(2 * entries.length);
        expect(broken).toHaveLength(shop.forgotten.length);
        // None is in two matches, or in a match and a break.
        expect(new Set([...matched, ...broken]).size).toBe(matched.length + broken.length);
        const { totals } = await getJson<{ totals: { deadLetters: number } }>(up.apiUrl, '/v1/summary');
        expect(totals.deadLetters).toBe(0);
        expect(await up.stop()).toBe(0);
        await expectRowsOfLog(broker.url, directory);
      } finally {
        await shop.close();
        await broker.stop();
      }
    });
  },
  LIMIT_MS,
);

/** Kills JetStream while sales go on, and starts it again. @returns the deliveries before; more have come since */
async function restartBroker(
  { world, salesPart }: Setting,
  broker: OwnBroker,
  laterMs: number,
): Promise<number> {
  await world.until((told) => salesPart(told) >= BROKER_DOWN);
  await delay(laterMs);
  await broker.kill();
  const { posted: atKill } = world.latest!;
  expect(atKill).toBeGreaterThan(0);
  await delay(BROKER_DOWN_MS);
  await broker.startAgain();
  const { posted: atBack } = world.latest!;
  await world.until(({ posted }) => posted > atBack);
  return atKill;
}

/** Kills `up` while sales go on. @returns the deliveries before; more have met nobody since */
async function killUp({ world, salesPart }: Setting, up: UpProcess, laterMs: number): Promise<number> {
  await world.until((told) => salesPart(told) >= UP_DOWN);
  await delay(laterMs);
  await up.kill();
  const { posted: atKill } = world.latest!;
  await world.until(({ type, posted }) => type === 'waiting' || posted > atKill);
  return atKill;
}

function configOf(brokerUrl: string, gateways: WorldChild['sources'], shop: Shop): object {
  const sources = Object.entries({ ...gateways, [SHOP]: shop.source });
  return {
    stream: { url: brokerUrl, timeout: '2s' },
    engine: { checkpointInterval: '500ms', flushInterval: '500ms' },
    // Windows close soon after the last record.
    sources: Object.fromEntries(sources.map(([name, source]) => [name, { ...source, idleTimeout: '2s' }])),
    reconciliations: [shop.reconciliation(Object.keys(gateways))],
  };
}

/** What is stored of each partition is what its log gives in one go, to the last position: no row is missing, none twice. */
async function expectRowsOfLog(brokerUrl: string, directory: string): Promise<void> {
  const dataDir = join(directory, 'data');
  const stored = await readStored(join(dataDir, 'store'));
  const log = await connectLog({ url: brokerUrl });
  try {
    for (let p = 0; p < PARTITIONS; p++) {
      const { epoch, sequence } = readCheckpoint(join(dataDir, 'checkpoints', `p${p}`))!.facts;
      const { host } = PartitionHost.open(p, epoch, join(directory, 'in-one-go', `p${p}`));
      const { blocks } = host.apply(packMessages(await readLog(log, p, sequence)));
      for (const table of COMPARED) {
        const block = blocks.find((each) => each.table === table);
        const lines = Buffer.from(block?.bytes ?? [])
          .toString()
          .split('\n')
          .slice(0, -1);
        expect(stored.get(p)?.[table], `${table} of partition ${p}`).toEqual(lines);
      }
    }
  } finally {
    await log.close();
  }
}
