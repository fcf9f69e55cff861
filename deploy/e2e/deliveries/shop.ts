import { setTimeout as delay } from 'node:timers/promises';
import { createScenario } from '../../../connectors/simulators/scenario/index.ts';
import type { Happening, ScenarioOptions } from '../../../connectors/simulators/scenario/index.ts';
import { SIGNED_JSON_SETTINGS, signedJsonHeaders } from '../../../connectors/simulators/signed-json/index.ts';
import { Poster } from '../../../connectors/simulators/world/poster.ts';

type Sale = Extract<Happening, { readonly type: 'charge' }>;

/** Once in so many sales nothing is entered: the charge is a break. */
const FORGOTTEN = 10;
/** Where records go of companies that name no account of ours. */
const ACCOUNT = 'main';
const SECRET = 'secret-of-the-shop';
/** Entries under way at a time. */
const CONCURRENCY = 32;
const AGAIN_MS = 50;

/** The name of the source. */
export const SHOP = 'shop';

/**
 * The books of a shop, which enters its sales as they are made, but for some that are forgotten. It tells of each by a
 * webhook until that is answered 2xx, and then never again; it cannot be polled, so that what is lost after its answer
 * stays lost.
 */
export class Shop {
  /** Orders that are entered, in the end, and those that never are. */
  readonly entered: readonly string[];
  readonly forgotten: readonly string[];
  /** Sendings that met nobody, or were sent away. */
  repeated = 0;
  readonly #sales: readonly Sale[];
  readonly #poster: Poster;
  #begun = 0;
  #dueMs = -Infinity;
  #refused: Error | undefined;
  #isClosed = false;
  readonly #sending = new Set<Promise<void>>();

  /** @param webhooksUrl of `up`, such as `http://127.0.0.1:8090` */
  constructor(scenario: ScenarioOptions, webhooksUrl: string) {
    const sales = createScenario(scenario).happenings.filter((each) => each.type === 'charge');
    const isForgotten = (_: Sale, nth: number): boolean => nth % FORGOTTEN === FORGOTTEN - 1;
    this.#sales = sales.filter((sale, nth) => !isForgotten(sale, nth));
    this.entered = this.#sales.map(({ payment }) => payment.order);
    this.forgotten = sales.filter(isForgotten).map(({ payment }) => payment.order);
    this.#poster = new Poster(webhooksUrl);
    process.env['COUNTERFOIL_E2E_SHOP_SECRET'] = SECRET;
  }

  /** Settings of the source. */
  get source(): object {
    const fields = ['id', 'account', 'reference', 'currency', 'amount', 'time'];
    return {
      ...{ connector: 'webhook-json', secrets: ['${COUNTERFOIL_E2E_SHOP_SECRET}'], ...SIGNED_JSON_SETTINGS },
      fields: Object.fromEntries(fields.map((name) => [name, name])),
    };
  }

  /** How the sales are found again in what the companies say. */
  reconciliation(gateways: readonly string[]): object {
    return {
      name: 'shop-to-gateways',
      left: { sources: [SHOP] },
      right: { sources: gateways, where: { kind: 'charge' } },
      window: { before: '1h', after: '1h' },
      rules: ['references.order', 'references.invoice'].map((right) => ({
        name: `by-${right.split('.')[1]!}`,
        keys: [{ left: 'reference', right }],
      })),
    };
  }

  /** Goes on to enter what is sold until then, epoch milliseconds of simulated time. */
  enterUntil(nowMs: number): void {
    this.#dueMs = Math.max(this.#dueMs, nowMs);
    while (this.#sending.size < CONCURRENCY && this.#isDue()) {
      const sending = this.#enterDue().finally(() => this.#sending.delete(sending));
      this.#sending.add(sending);
    }
  }

  /** Enters what is left, and resolves when all of it was answered. @throws Error where something was refused for good */
  async enterAll(): Promise<void> {
    this.enterUntil(Infinity);
    await Promise.all(this.#sending);
    if (this.#refused !== undefined) throw this.#refused;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#poster.close();
    await Promise.all(this.#sending);
  }

  #isDue(): boolean {
    return (
      !this.#isClosed && this.#begun < this.#sales.length && this.#sales[this.#begun]!.atMs <= this.#dueMs
    );
  }

  async #enterDue(): Promise<void> {
    while (this.#isDue()) {
      const entry = entryOf(this.#sales[this.#begun++]!);
      while (!this.#isClosed && !(await this.#isTaken(entry))) {
        this.repeated++;
        await delay(AGAIN_MS);
      }
    }
  }

  async #isTaken(body: string): Promise<boolean> {
    try {
      const headers = signedJsonHeaders(body, SECRET, Date.now());
      const status = await this.#poster.post(SHOP, { headers, body });
      if (status >= 200 && status < 300) return true;
      if (status === 429 || status === 503) return false;
      this.#refused = new Error(`an entry of the shop was answered ${status}: ${body}`);
      return true;
    } catch {
      // Nobody is there, or it was killed before it answered.
      return false;
    }
  }
}

function entryOf({ payment, movement }: Sale): string {
  const { currency, amount, atMs } = movement;
  return JSON.stringify({
    event: `sold-${payment.order}`,
    type: 'sale',
    data: {
      ...{ id: `sale-${payment.order}`, reference: payment.order, currency, amount: Number(amount) },
      account: payment.provider === 'networkInternational' ? payment.merchant : ACCOUNT,
      time: new Date(atMs).toISOString(),
    },
  });
}
