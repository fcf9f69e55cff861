/** A set of linked records of which nothing is due before `bound`. */
interface Clean {
  bound: number;
  /** It has become part of another. */
  into: Clean | undefined;
}

/** Groups remembered at most; beyond, all are looked at again. */
const MAX_GROUPS = 1 << 17;

/**
 * What was found when linked records were looked through: the groups among them, and when the next of their events is.
 * A large group is so looked through once, and not for every row that comes into it. Groups that rows link come together.
 */
export class CleanGroups {
  readonly #byGroup = new Map<number, Clean>();
  /** The records that the row at hand links. */
  #own: Clean = { bound: Number.POSITIVE_INFINITY, into: undefined };

  /** Another row is at hand. */
  begin(): void {
    if (this.#byGroup.size > MAX_GROUPS) this.#byGroup.clear();
    this.#own = { bound: Number.POSITIVE_INFINITY, into: undefined };
  }

  /** An event of the records that the row at hand links. */
  sawEvent(time: number): void {
    const own = rootOf(this.#own);
    if (time < own.bound) own.bound = time;
  }

  /**
   * The row at hand links a group with the others that it has met.
   * @returns whether it is known that nothing of the group, and of all that is linked with it, is due before `watermark`
   */
  meet(group: number, watermark: number): boolean {
    const own = rootOf(this.#own);
    const known = this.#byGroup.get(group);
    const met = known === undefined ? undefined : rootOf(known);
    if (met === own) return false;
    this.#byGroup.set(group, own);
    if (met === undefined || met.bound < watermark) return false;
    met.into = own;
    own.bound = Math.min(own.bound, met.bound);
    return true;
  }

  /** A group is no more. */
  forget(group: number): void {
    if (this.#byGroup.size > 0) this.#byGroup.delete(group);
  }

  clear(): void {
    if (this.#byGroup.size > 0) this.#byGroup.clear();
  }
}

function rootOf(clean: Clean): Clean {
  let root = clean;
  while (root.into !== undefined) root = root.into;
  // Paths are cut short, so that they do not grow with the number of rows.
  for (let each = clean; each.into !== undefined && each.into !== root;) {
    const next: Clean = each.into;
    each.into = root;
    each = next;
  }
  return root;
}
