/** Longer texts are compared by their beginnings. */
const MOST_CHARACTERS = 64;

/** How alike two texts are, and the words for it. */
export interface Likeness {
  /** 1: equal. 0: nothing in common. */
  readonly share: number;
  readonly words: string;
}

/** Compares two key texts: equal, one within the other, or so many characters apart. */
export function likeness(left: string, right: string): Likeness {
  const a = plain(left);
  const b = plain(right);
  if (a === '' || b === '') return { share: 0, words: '' };
  if (left === right) return { share: 1, words: `is ${left}` };
  if (a === b) return { share: 0.97, words: `differs in case or signs only: ${left} and ${right}` };
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length >= 4 && long.includes(short))
    return {
      share: 0.6 + 0.3 * (short.length / long.length),
      words: `one contains the other: ${left} and ${right}`,
    };
  const apart = distance(a, b);
  const share = Math.max(0, 1 - apart / long.length);
  if (share < 0.5) return { share: 0, words: '' };
  return {
    share: share * 0.9,
    words: `differs by ${apart} character${apart === 1 ? '' : 's'}: ${left} and ${right}`,
  };
}

/** Letters and digits, upper case. */
function plain(text: string): string {
  return text
    .slice(0, MOST_CHARACTERS)
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** How many single changes lead from one text to the other: insertions, deletions, replacements, swaps of neighbours. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}
