import { keepText } from '../contract/index.ts';

/** References and attributes, by name, as a record keeps them. */
export interface Facts {
  readonly references: { [name: string]: string };
  readonly attributes: { [name: string]: string };
}

/** What structured information fields may say; `nothing` only ends the value before it. */
type Fact =
  | 'endToEndId'
  | 'mandate'
  | 'paymentInformationId'
  | 'customerReference'
  | 'instructionId'
  | 'creditorId'
  | 'transactionType'
  | 'counterpartyAccount'
  | 'counterpartyBank'
  | 'counterpartyName'
  | 'remittance'
  | 'purpose'
  | 'nothing';

/** So many characters fit into one number. */
const LONGEST_KEY = 4;
const [CAPITAL_A, CAPITAL_Z] = [65, 90];

function byPacked(facts: readonly (readonly [key: string, fact: Fact])[]): ReadonlyMap<number, Fact> {
  return new Map(facts.map(([key, fact]) => [packed(key, 0, key.length), fact]));
}

/** The capitals between two places as one number, which is looked up without making a text of them; 0 for all else. */
function packed(text: string, from: number, to: number): number {
  let key = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code < CAPITAL_A || code > CAPITAL_Z) return 0;
    key = (key << 8) | code;
  }
  return key;
}

/** Identifiers and facts in the /KEY/value form, by {@link packed} key. */
const SLASH_KEYS: ReadonlyMap<number, Fact> = byPacked([
  ['EREF', 'endToEndId'],
  ['MARF', 'mandate'],
  ['PREF', 'paymentInformationId'],
  ['KREF', 'customerReference'],
  ['IREF', 'instructionId'],
  ['CSID', 'creditorId'],
  ['TRTP', 'transactionType'],
  ['IBAN', 'counterpartyAccount'],
  ['BBAN', 'counterpartyAccount'],
  ['BIC', 'counterpartyBank'],
  ['NAME', 'counterpartyName'],
  ['REMI', 'remittance'],
  ['PURP', 'purpose'],
  ...keysOfNothing('ORDP', 'BENM', 'ISDT', 'ULTD', 'ULTC', 'ID', 'ADDR', 'RTRN', 'OCMT', 'CHGS', 'SVCL'),
]);

/** Identifiers in the SEPA form KEY+value inside remittance fields ?20 to ?29. */
const PLUS_KEYS: ReadonlyMap<string, Fact> = new Map<string, Fact>([
  ['EREF', 'endToEndId'],
  ['KREF', 'customerReference'],
  ['MREF', 'mandate'],
  ['CRED', 'creditorId'],
  ['SVWZ', 'remittance'],
  ...keysOfNothing('DEBT', 'ABWA', 'ABWE', 'COAM', 'OAMT'),
]);

function keysOfNothing(...keys: readonly string[]): [string, Fact][] {
  return keys.map((key) => [key, 'nothing']);
}

/** Values with which banks say that there is none, in capitals. */
const NONE = new Set(['NOTPROVIDED', 'NONREF', 'N/A']);
const LONGEST_NONE = 11;
const [QUESTION_MARK, GREATER, CAPITAL_N, SMALL_N] = [63, 62, 78, 110];

/**
 * Adds to `facts` what the structured forms of an information field say. A free text says nothing.
 * @throws CounterfoilError `invalidField` where one is too long
 * @param text of its lines, joined
 */
export function readNarrative(text: string, facts: Facts): void {
  const separator = text.charCodeAt(3);
  const mayBeNumbered = separator === QUESTION_MARK || separator === GREATER;
  if (mayBeNumbered && /^\d{3}[?>]\d\d/.test(text)) readNumbered(text, facts);
  else readSlashed(text, facts);
}

/** The value that a structured field gives, or nothing where it says that there is none. */
function valueOf(written: string): string | undefined {
  const text = trimmed(written);
  if (text === '') return undefined;
  if (text.length > LONGEST_NONE) return text;
  const first = text.charCodeAt(0);
  const mayBeNone = first === CAPITAL_N || first === SMALL_N;
  return mayBeNone && NONE.has(text.toUpperCase()) ? undefined : text;
}

/** Hardly any value has blanks around it, and to see that is quicker than to trim. */
function trimmed(text: string): string {
  return isGraphic(text.charCodeAt(0)) && isGraphic(text.charCodeAt(text.length - 1)) ? text : text.trim();
}

function isGraphic(code: number): boolean {
  return code > 32 && code < 127;
}

/** The first value of each counts. Names are written out, because that is what makes it fast. */
function add({ references, attributes }: Facts, fact: Fact, written: string): void {
  const value = valueOf(written);
  if (value === undefined) return;
  switch (fact) {
    case 'endToEndId':
      references['endToEndId'] ??= keepText('references', 'endToEndId', value);
      break;
    case 'mandate':
      references['mandate'] ??= keepText('references', 'mandate', value);
      break;
    case 'paymentInformationId':
      references['paymentInformationId'] ??= keepText('references', 'paymentInformationId', value);
      break;
    case 'customerReference':
      references['customerReference'] ??= keepText('references', 'customerReference', value);
      break;
    case 'instructionId':
      references['instructionId'] ??= keepText('references', 'instructionId', value);
      break;
    case 'creditorId':
      attributes['creditorId'] ??= keepText('attributes', 'creditorId', value);
      break;
    case 'transactionType':
      attributes['transactionType'] ??= keepText('attributes', 'transactionType', value);
      break;
    case 'counterpartyAccount':
      attributes['counterpartyAccount'] ??= keepText('attributes', 'counterpartyAccount', value);
      break;
    case 'counterpartyBank':
      attributes['counterpartyBank'] ??= keepText('attributes', 'counterpartyBank', value);
      break;
    case 'counterpartyName':
      attributes['counterpartyName'] ??= keepText('attributes', 'counterpartyName', value);
      break;
    case 'remittance':
      attributes['remittance'] ??= keepText('attributes', 'remittance', value);
      break;
    case 'purpose':
      attributes['purpose'] ??= keepText('attributes', 'purpose', value);
      break;
    case 'nothing':
  }
}

/** `/EREF/value/NAME/value`: a value runs to the next key that is known. */
function readSlashed(text: string, facts: Facts): void {
  let fact: Fact | undefined;
  let from = 0;
  let slash = text.indexOf('/');
  while (slash >= 0) {
    // The closing slash may be the opening one of the next key.
    const next = text.indexOf('/', slash + 1);
    if (next < 0) break;
    if (next - slash <= LONGEST_KEY + 1) {
      const key = SLASH_KEYS.get(packed(text, slash + 1, next));
      if (key !== undefined) {
        if (fact !== undefined) add(facts, fact, text.slice(from, slash));
        fact = key;
        from = next + 1;
      }
    }
    slash = next;
  }
  if (fact !== undefined) add(facts, fact, text.slice(from));
}

/** `166?00text?20purpose?21more?30bank?31account?32name`; some banks write > for ?. */
function readNumbered(text: string, facts: Facts): void {
  let [first, rest, postingText, primanota, bank, account, name] = ['', '', '', '', '', '', ''];
  const separator = text[3]!;
  for (let at = 4; at <= text.length;) {
    const found = text.indexOf(separator, at);
    const end = found < 0 ? text.length : found;
    const code = codeAt(text, at, end);
    const value = code < 0 ? '' : text.slice(at + 2, end);
    if (code === 0) postingText += value;
    else if (code === 10) primanota += value;
    else if (code >= 20 && code <= 29) first += value;
    else if (code === 30) bank += value;
    else if (code === 31) account += value;
    else if (code === 32 || code === 33) name += value;
    else if (code >= 60 && code <= 63) rest += value;
    at = end + 1;
  }
  const purpose = first + rest;
  if (purpose.includes('+')) readPlusKeys(purpose, facts);
  const { attributes } = facts;
  add(facts, 'remittance', purpose);
  for (const [of, written] of [
    ['transactionCode', text.slice(0, 3)],
    ['postingText', postingText],
    ['primanota', primanota],
  ] as const) {
    const value = valueOf(written);
    if (value !== undefined) attributes[of] ??= keepText('attributes', of, value);
  }
  add(facts, 'counterpartyBank', bank);
  add(facts, 'counterpartyAccount', account);
  add(facts, 'counterpartyName', name);
}

/** The two digits at a place; −1 where there are none before `end`. */
function codeAt(text: string, at: number, end: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  const isCode = end - at >= 2 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
  return isCode ? tens * 10 + ones : -1;
}

function readPlusKeys(purpose: string, facts: Facts): void {
  const keys = [...purpose.matchAll(/([A-Z]{4})\+/g)].filter((found) => PLUS_KEYS.has(found[1]!));
  for (const [i, found] of keys.entries()) {
    add(facts, PLUS_KEYS.get(found[1]!)!, purpose.slice(found.index + 5, keys[i + 1]?.index));
  }
}
