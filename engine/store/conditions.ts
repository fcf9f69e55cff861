import type { Parameters } from './connection.ts';

/** The conditions of a query and the values of their places. Values never become part of the text. */
export class Conditions {
  readonly #texts: string[] = [];
  readonly #params: Parameters = {};

  /** Adds a condition with its values; none where one of the values is undefined, as an absent filter is. */
  and(text: string, values: { readonly [name: string]: Parameters[string] | undefined } = {}): this {
    const given = Object.entries(values);
    for (const [, value] of given) if (value === undefined) return this;
    this.#texts.push(text);
    for (const [name, value] of given) this.#params[name] = value!;
    return this;
  }

  /** `column = value`, where a value is given. */
  equal(column: string, type: string, value: string | number | undefined): this {
    return this.and(`\`${column}\` = {${column}:${type}}`, { [column]: value });
  }

  /** `from <= column < to`, epoch milliseconds, either end open. */
  within(column: string, from: number | undefined, to: number | undefined): this {
    this.and(`\`${column}\` >= ${moment('from')}`, { from });
    return this.and(`\`${column}\` < ${moment('to')}`, { to });
  }

  /** A copy to which more can be added. */
  copy(): Conditions {
    const copy = new Conditions();
    copy.#texts.push(...this.#texts);
    Object.assign(copy.#params, this.#params);
    return copy;
  }

  /** The WHERE clause; empty without conditions. */
  get where(): string {
    return this.#texts.length === 0 ? '' : `WHERE ${this.#texts.join(' AND ')}`;
  }

  get params(): Parameters {
    return this.#params;
  }
}

/** The place for a moment given as epoch milliseconds. */
export function moment(name: string): string {
  return `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
}
