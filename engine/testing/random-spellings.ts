import { isDeepStrictEqual } from 'node:util';
import type { FieldExpression, KeyField, Normaliser } from '../domain/index.ts';
import type { Random } from './random.ts';

/** Steps of normalisation, with a way to write a token so that the steps give it back. */
interface Spelling {
  readonly normalise: readonly Normaliser[];
  readonly spell: (token: string, random: Random) => string;
}

/** Tokens are one to four digits without a leading zero. */
const SPELLINGS: readonly Spelling[] = [
  { normalise: ['trim'], spell: (token, random) => random.pick([token, ` ${token} `, `\t${token}`]) },
  { normalise: ['stripLeadingZeros'], spell: (token, random) => random.pick([token, `00${token}`]) },
  { normalise: ['trim', 'stripLeadingZeros'], spell: (token, random) => random.pick([token, ` 0${token} `]) },
  { normalise: ['digits'], spell: (token, random) => random.pick([token, `K-${token}`, `${token} x`]) },
  { normalise: ['digits', 'stripLeadingZeros'], spell: (token) => `Ref-00${token}` },
  { normalise: [{ suffix: 4 }, 'stripLeadingZeros'], spell: (token) => `7${token.padStart(6, '0')}` },
  {
    normalise: [{ prefix: 4 }, 'trim'],
    spell: (token, random) => `${token.padEnd(4)}${random.pick(['', 'AB', '9'])}`,
  },
  {
    normalise: [{ capture: 'ORD-(\\d+)' }],
    spell: (token, random) => random.pick([`ORD-${token}`, `NG ORD-${token}/x`, `ORD-${token} ORD-3`]),
  },
  {
    normalise: ['upper', { capture: 'ORD-0*(\\d+)' }],
    spell: (token, random) => random.pick([`ord-${token}`, `Ord-00${token}.`]),
  },
  {
    normalise: ['lower', { capture: '^ref ?([0-9]+)$' }],
    spell: (token, random) => random.pick([`REF ${token}`, `ref${token}`]),
  },
];

/** The steps by which one text names several tokens. */
const SEVERAL: readonly Normaliser[] = [{ captureAll: 'ORD-(\\d+)' }];

/** Fields that a token can be written into. */
const TEXT_FIELDS: readonly KeyField[] = [
  'references.reference',
  'references.reference',
  'references.invoice',
  'attributes.narrative',
  'link',
];

/** A field whose text gives a token, as it is or after normalising. */
export function tokenExpression(random: Random): FieldExpression {
  const field = random.pick(TEXT_FIELDS);
  return random.chance(0.25) ? field : { field, normalise: random.pick(SPELLINGS).normalise };
}

/** An expression that finds several tokens in one narrative. */
export function severalTokensExpression(): FieldExpression {
  return { field: 'attributes.narrative', normalise: SEVERAL };
}

/** Text that an expression's normalisation makes into the first of these tokens; by captureAll, into all of them. */
export function spell(random: Random, normalise: readonly Normaliser[], tokens: readonly string[]): string {
  if (isDeepStrictEqual(normalise, SEVERAL)) {
    const named = tokens.map((token) => `ORD-${token}`);
    return random.pick([named.join('/'), `NGENIUS ${named.join(' ')}`, [...named, named[0]!].join(',')]);
  }
  const spelling = SPELLINGS.find((each) => isDeepStrictEqual(each.normalise, normalise));
  return spelling?.spell(tokens[0]!, random) ?? tokens[0]!;
}
