import { CounterfoilError } from '../../engine/domain/index.ts';
import type { CommonSettings } from './settings.ts';

/** The account of records whose source says nothing about accounts. */
const DEFAULT_ACCOUNT = 'default';

/** Turns the identifiers that a provider uses (an IBAN, a MID, an outlet) into settlement accounts. */
export class Accounts {
  readonly #constant: string | undefined;
  readonly #map: ReadonlyMap<string, string> | undefined;

  constructor(settings: Pick<CommonSettings, 'account' | 'accounts'>) {
    this.#constant = settings.account;
    this.#map = settings.accounts === undefined ? undefined : new Map(Object.entries(settings.accounts));
  }

  /**
   * The account of a record that says `stated` itself, where the input has a place for it.
   * @throws CounterfoilError `unknownAccount` where the source has a map and `stated` is not in it
   */
  ofStated(stated: string | undefined): string {
    if (this.#constant !== undefined) return this.#constant;
    if (this.#map !== undefined) return this.#lookUp(stated ?? '');
    return stated === undefined || stated === '' ? DEFAULT_ACCOUNT : stated;
  }

  /**
   * The account of a record whose input names a provider's identifier, which is no account name by itself.
   * @throws CounterfoilError `unknownAccount` where the source has a map and `identifier` is not in it
   */
  ofIdentifier(identifier: string): string {
    if (this.#constant !== undefined) return this.#constant;
    return this.#map === undefined ? DEFAULT_ACCOUNT : this.#lookUp(identifier);
  }

  /** The identifiers of the map; undefined where the source has none. */
  get identifiers(): readonly string[] | undefined {
    return this.#map === undefined ? undefined : [...this.#map.keys()];
  }

  #lookUp(identifier: string): string {
    const account = this.#map?.get(identifier);
    if (account === undefined) {
      throw new CounterfoilError(
        'unknownAccount',
        `account identifier "${identifier.slice(0, 60)}" is not in the source's accounts map; add it there with its settlement account`,
      );
    }
    return account;
  }
}
