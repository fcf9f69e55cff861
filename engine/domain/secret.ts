/** What stands wherever a secret would be printed. */
const SHOWN = '[secret]';

/**
 * A value that must not be seen: a key, a password, a token. Only {@link reveal} gives it. Text, JSON and inspection
 * show `[secret]`, and a copy to another thread or process has nothing in it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value, to be handed to what needs it and kept nowhere else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  /** What `console.log` and `util.inspect` show. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN;
  }
}
