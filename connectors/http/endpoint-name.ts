/** Names that are kept apart; those that come later are `other`, so that metrics stay few. */
const MAX_NAMES = 64;
/** A version, as paths begin with one. */
const VERSION = /^v\d+$/;
/** Words such as `balance_transactions`; ids have digits or capitals in them, or are long. */
const WORD = /^[a-z][a-z_.-]{0,39}$/;

/** Names the endpoints of paths: `/v1/charges/ch_3Mk` is `charges`. An official SDK tells no more than its paths. */
export class EndpointNames {
  readonly #names = new Set<string>();

  nameOf(pathname: string): string {
    const words = pathname.split('/').filter((part) => WORD.test(part) && !VERSION.test(part));
    const name = words.slice(0, 4).join('/') || 'root';
    if (this.#names.size < MAX_NAMES) this.#names.add(name);
    return this.#names.has(name) ? name : 'other';
  }
}
