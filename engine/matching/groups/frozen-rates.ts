/** The rates by which groups were matched, by number of the group: numbers are given again, so they stay small. */
export class FrozenRates {
  readonly #byGroup: (string | undefined)[] = [];

  /** @param group −1: none */
  get(group: number): string | undefined {
    return group >= 0 && group < this.#byGroup.length ? this.#byGroup[group] : undefined;
  }

  set(group: number, rate: string): void {
    while (this.#byGroup.length <= group) this.#byGroup.push(undefined);
    this.#byGroup[group] = rate;
  }

  delete(group: number): void {
    if (group < this.#byGroup.length) this.#byGroup[group] = undefined;
  }

  /** Each group that has one with its rate, by number. */
  all(): (readonly [number, string])[] {
    return this.#byGroup.flatMap((rate, group) => (rate === undefined ? [] : [[group, rate] as const]));
  }
}
