import { dirhams, localTime, OUTLETS } from './merchant.ts';
import type { Planted } from './planted.ts';
import { integer, pick, type Random } from './random.ts';

const MINUTE = 60_000;
/** Trouble comes once in so many sales, at fixed numbers among them. */
const CYCLE = 250;
/** How long after a sale its late ledger entry is posted: beyond window and grace. */
const LATE_MS = 45 * MINUTE;
/** The gateway pays each outlet out after so much of the day. */
const PAYOUT_EVERY_MS = 4 * 60 * MINUTE;

/** A record as it is posted to `/v1/records`. Amounts are decimals in major units. */
export interface GatewayRecord {
  readonly id: string;
  readonly account: string;
  readonly kind: 'charge' | 'refund' | 'payout';
  readonly currency: 'AED';
  readonly amount: string;
  readonly fee?: string;
  readonly tax?: string;
  readonly net?: string;
  readonly time: string;
  readonly reference: string;
  readonly link?: string;
  readonly attributes: { readonly [name: string]: string };
}

/** What happened between two moments: what the gateway reports, and the rows that the ledger posts. */
export interface Happened {
  readonly gateway: readonly GatewayRecord[];
  /** Rows of the ledger's CSV, without line ends. */
  readonly ledger: readonly string[];
}

interface Happening {
  readonly gateway: GatewayRecord[];
  readonly ledger: string[];
}

/** Makes the sales of the merchant's day, minute by minute, with what goes wrong among them. */
export class Sales {
  readonly #random: Random;
  readonly #planted: Planted;
  readonly #plantUntil: number;
  #sales = 0;
  #entries = 0;
  /** Net of each outlet since its last payout, in fils. */
  readonly #unpaid = new Map<string, number>();
  #nextPayout: number;
  /** Ledger rows that are posted later than their sale. */
  #late: { readonly at: number; readonly row: string }[] = [];

  /**
   * @param start event time at which the day begins, epoch milliseconds
   * @param plantUntil event time after which nothing is planted, because its window would not close any more
   */
  constructor(random: Random, planted: Planted, start: number, plantUntil: number) {
    this.#random = random;
    this.#planted = planted;
    this.#plantUntil = plantUntil;
    this.#nextPayout = start + PAYOUT_EVERY_MS;
  }

  /** The next `count` sales, evenly spread over event time from `from` to `to`, and what else falls between. */
  between(from: number, to: number, count: number): Happened {
    const happened = { gateway: [], ledger: [] };
    for (let i = 0; i < count; i++) {
      const time = from + Math.floor(((i + this.#random()) / count) * (to - from));
      this.#passTo(time, happened);
      this.#sell(time, happened);
    }
    this.#passTo(to, happened);
    return happened;
  }

  /** Payouts and late entries whose time has come. */
  #passTo(time: number, happened: Happening): void {
    while (this.#nextPayout <= time) {
      this.#payOut(this.#nextPayout, happened);
      this.#nextPayout += PAYOUT_EVERY_MS;
    }
    happened.ledger.push(...this.#late.filter((late) => late.at <= time).map((late) => late.row));
    this.#late = this.#late.filter((late) => late.at > time);
  }

  #sell(time: number, { gateway, ledger }: Happening): void {
    const random = this.#random;
    this.#sales += 1;
    const number = this.#sales;
    const { account } = pick(random, OUTLETS);
    const reference = `ORD-${100_000 + number}`;
    // Most baskets are small, a few are large.
    const amount = Math.floor(1500 * Math.exp(random() * 5));
    const charge = this.#charge(account, amount, time, reference);
    const trouble = time < this.#plantUntil ? number % CYCLE : -1;
    const planted = this.#planted;
    // The till's clock is a few seconds off the gateway's.
    const soldAt = time + integer(random, -5, 20) * 1000;
    const entry = (fils: number): string => this.#row(account, reference, 'Sale', fils, soldAt);
    switch (trouble) {
      case 40:
        planted.missingInLedger += 1;
        gateway.push(charge);
        return;
      case 80:
        planted.missingAtGateway += 1;
        this.#unpaid.set(account, this.#unpaid.get(account)! - netOf(amount));
        ledger.push(entry(amount));
        return;
      case 120:
        planted.wrongAmount += 1;
        gateway.push(charge);
        ledger.push(entry(amount + 9000));
        return;
      case 160:
      case 161:
      case 162:
        planted.roundingDifference += 1;
        gateway.push(charge);
        ledger.push(entry(amount - integer(random, 1, 50)));
        return;
      case 200:
        planted.lateLedgerEntry += 1;
        gateway.push(charge);
        this.#late.push({ at: time + LATE_MS, row: entry(amount) });
        return;
      case 230:
        planted.deadLetter += 1;
        gateway.push(charge);
        ledger.push(entry(amount), `Subtotal,,,,${dirhams(amount)}`);
        return;
      default:
        gateway.push(charge);
        ledger.push(entry(amount));
        if (number % 25 === 0) this.#refund(charge, amount, time, { gateway, ledger });
    }
  }

  #charge(account: string, amount: number, time: number, reference: string): GatewayRecord {
    const [fee, tax] = feeOf(amount);
    this.#unpaid.set(account, (this.#unpaid.get(account) ?? 0) + netOf(amount));
    return {
      id: `ch_${reference.slice(4)}`,
      account,
      kind: 'charge',
      currency: 'AED',
      amount: dirhams(amount),
      fee: dirhams(fee),
      tax: dirhams(tax),
      net: dirhams(netOf(amount)),
      time: localTime(time),
      reference,
      attributes: {
        scheme: pick(this.#random, ['visa', 'visa', 'mastercard', 'mastercard', 'amex', 'jaywan']),
        wallet: pick(this.#random, ['none', 'apple_pay', 'google_pay', 'samsung_pay']),
      },
    };
  }

  /** Part of the money back, without its fee. */
  #refund(charge: GatewayRecord, amount: number, time: number, { gateway, ledger }: Happening): void {
    const back = -Math.ceil(amount / 3);
    const reference = `RF-${charge.reference.slice(4)}`;
    this.#unpaid.set(charge.account, this.#unpaid.get(charge.account)! + back);
    gateway.push({
      id: `re_${reference.slice(3)}`,
      account: charge.account,
      kind: 'refund',
      currency: 'AED',
      amount: dirhams(back),
      time: localTime(time + 1000),
      reference,
      link: charge.id,
      attributes: {},
    });
    ledger.push(this.#row(charge.account, reference, 'Refund', back, time + 1000));
  }

  /** What an outlet has earned leaves the gateway: its balance, and the clearing account, go down by the net. */
  #payOut(time: number, { gateway, ledger }: Happening): void {
    const hour = localTime(time).slice(2, 13).replaceAll(/\D/g, '');
    for (const { account, code } of OUTLETS) {
      const unpaid = this.#unpaid.get(account) ?? 0;
      if (unpaid <= 0) continue;
      this.#unpaid.set(account, 0);
      const reference = `PO${hour}${code}`;
      gateway.push({
        id: reference,
        account,
        kind: 'payout',
        currency: 'AED',
        amount: dirhams(-unpaid),
        time: localTime(time),
        reference,
        attributes: {},
      });
      ledger.push(this.#row(account, reference, 'Payout', -unpaid, time));
    }
  }

  #row(account: string, reference: string, type: string, fils: number, time: number): string {
    this.#entries += 1;
    return [
      `JE${500_000 + this.#entries}`,
      account,
      reference,
      type,
      dirhams(fils),
      'AED',
      localTime(time),
    ].join(',');
  }
}

/** The gateway's contract: 2.25 % of the charge, and 5 % VAT on that, each rounded half up to the fils. */
function feeOf(amount: number): [fee: number, tax: number] {
  const fee = Math.round((amount * 225) / 10_000);
  return [fee, Math.round((fee * 5) / 100)];
}

function netOf(amount: number): number {
  const [fee, tax] = feeOf(amount);
  return amount - fee - tax;
}
