/** References and attributes, by name. */
export interface Facts {
  readonly references: { [name: string]: string };
  readonly attributes: { [name: string]: string };
}

type Field = readonly [group: 'references' | 'attributes', name: string];

/** Identifiers and facts in the /KEY/value form, by key. */
const SLASH_KEYS: ReadonlyMap<string, Field | undefined> = fieldMap({
  EREF: 'references.endToEndId',
  MARF: 'references.mandate',
  PREF: 'references.paymentInformationId',
  KREF: 'references.customerReference',
  IREF: 'references.instructionId',
  CSID: 'attributes.creditorId',
  TRTP: 'attributes.transactionType',
  IBAN: 'attributes.counterpartyAccount',
  BBAN: 'attributes.counterpartyAccount',
  BIC: 'attributes.counterpartyBank',
  NAME: 'attributes.counterpartyName',
  REMI: 'attributes.remittance',
  PURP: 'attributes.purpose',
  // Keys that only end the value before them.
  ORDP: '',
  BENM: '',
  ISDT: '',
  ULTD: '',
  ULTC: '',
  ID: '',
  ADDR: '',
  RTRN: '',
  OCMT: '',
  CHGS: '',
  SVCL: '',
});

const LONGEST_KEY = 4;

/** Identifiers in the SEPA form KEY+value inside remittance fields ?20 to ?29. */
const PLUS_KEYS: ReadonlyMap<string, Field | undefined> = fieldMap({
  EREF: 'references.endToEndId',
  KREF: 'references.customerReference',
  MREF: 'references.mandate',
  CRED: 'attributes.creditorId',
  SVWZ: 'attributes.remittance',
  DEBT: '',
  ABWA: '',
  ABWE: '',
  COAM: '',
  OAMT: '',
});

function fieldMap(fields: { readonly [key: string]: string }): ReadonlyMap<string, Field | undefined> {
  return new Map(
    Object.entries(fields).map(([key, field]) => [
      key,
      field === '' ? undefined : (field.split('.') as [never, string]),
    ]),
  );
}

/** Values with which banks say that there is none, in capitals; none is longer than NOTPROVIDED. */
const NONE = new Set(['NOTPROVIDED', 'NONREF', 'N/A', '']);

/**
 * Adds to `facts` what the structured forms of an information field say. A free text says nothing.
 * @param lines as they stand in the file
 */
export function readNarrative(lines: readonly string[], facts: Facts): void {
  // Structured fields are cut where the line is full, in the middle of a word.
  const joined = lines.join('');
  if (/^\d{3}[?>]\d\d/.test(joined)) readNumbered(joined, facts);
  else if (joined.includes('/')) readSlashed(joined, facts);
}

function set(facts: Facts, field: Field, value: string): void {
  const text = value.trim();
  if (text.length > 11 || !NONE.has(text.toUpperCase())) facts[field[0]][field[1]] ??= text;
}

/** `/EREF/value/NAME/value`: a value runs to the next key that is known. */
function readSlashed(text: string, facts: Facts): void {
  let field: Field | undefined;
  let from = 0;
  let slash = text.indexOf('/');
  while (slash >= 0) {
    // The closing slash may be the opening one of the next key.
    const next = text.indexOf('/', slash + 1);
    const name = next - slash <= LONGEST_KEY + 1 ? text.slice(slash + 1, next) : '';
    if (next >= 0 && SLASH_KEYS.has(name)) {
      if (field !== undefined) set(facts, field, text.slice(from, slash));
      field = SLASH_KEYS.get(name);
      from = next + 1;
    }
    slash = next;
  }
  if (field !== undefined) set(facts, field, text.slice(from));
}

/** `166?00text?20purpose?21more?30bank?31account?32name`; some banks write > for ?. */
function readNumbered(text: string, facts: Facts): void {
  const parts = text
    .slice(4)
    .split(text[3]!)
    .filter((part) => /^\d\d/.test(part))
    .map((part) => ({ code: +part.slice(0, 2), value: part.slice(2) }));
  const of = (from: number, to: number): string =>
    parts
      .filter(({ code }) => code >= from && code <= to)
      .map(({ value }) => value)
      .join('');
  const purpose = of(20, 29) + of(60, 63);
  const keys = [...purpose.matchAll(/([A-Z]{4})\+/g)].filter((found) => PLUS_KEYS.has(found[1]!));
  for (const [i, found] of keys.entries()) {
    const field = PLUS_KEYS.get(found[1]!);
    if (field !== undefined) set(facts, field, purpose.slice(found.index + 5, keys[i + 1]?.index));
  }
  set(facts, ['attributes', 'remittance'], purpose);
  set(facts, ['attributes', 'transactionCode'], text.slice(0, 3));
  set(facts, ['attributes', 'postingText'], of(0, 0));
  set(facts, ['attributes', 'primanota'], of(10, 10));
  set(facts, ['attributes', 'counterpartyBank'], of(30, 30));
  set(facts, ['attributes', 'counterpartyAccount'], of(31, 31));
  set(facts, ['attributes', 'counterpartyName'], of(32, 33));
}
