/** Amounts are added to one another as long as their sum is exact. */
const MOST_ADDED = 2 ** 51;

/** Adds the amounts of records up as long as they are of one currency and side, as mostly all are, to be counted together. */
export class RunningSums {
  /** Takes a sum, in minor units, and of how many records it is. */
  readonly #count: (currency: number, side: number, sum: number, records: number) => void;
  #currency = -1;
  #side = 0;
  #sum = 0;
  #records = 0;

  constructor(count: (currency: number, side: number, sum: number, records: number) => void) {
    this.#count = count;
  }

  /** One more record. */
  add(currency: number, side: number, amount: number): void {
    if (currency !== this.#currency || side !== this.#side || Math.abs(this.#sum) > MOST_ADDED) {
      this.end();
      this.#currency = currency;
      this.#side = side;
    }
    if (Math.abs(amount) > MOST_ADDED) {
      this.#count(currency, side, amount, 1);
      return;
    }
    this.#sum += amount;
    this.#records++;
  }

  /** Those that are not counted yet are. */
  end(): void {
    if (this.#records > 0) this.#count(this.#currency, this.#side, this.#sum, this.#records);
    this.#sum = this.#records = 0;
  }
}
