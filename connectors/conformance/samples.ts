/** What the suite needs to know of a connector: an input that is good, as a file or as a payload. */
export interface ConformanceCase {
  readonly settings: { readonly [setting: string]: unknown };
  /** A good input of at least 1,200 records, with a card number in a text that is kept. */
  readonly good: string;
  /** The same with one part that cannot become a record, and a card number in it. */
  readonly damaged: string;
  readonly records: number;
}

const CARD = '4111111111111111';
const COUNT = 1200;
const numbers = Array.from({ length: COUNT }, (_, n) => n);

const csvRow = (n: number): string => `p${n},"note ${CARD}",${n}.00,AED,2026-11-22`;
const CSV_HEADER = 'id,attributes.note,amount,currency,time';

const mt940Line = (n: number): string =>
  `:61:2611221122C${n},00NTRFR${n}//B${n}\n:86:/NAME/SOMEONE/REMI/CARD ${CARD}`;
const mt940Statement = (lines: readonly string[]): string =>
  `:20:REF\n:25:AE070331234567890123456\n:28C:1/1\n:60F:C261121AED0,00\n${lines.join('\n')}\n:62F:C261122AED${(COUNT * (COUNT - 1)) / 2},00\n-\n`;

const mt942Report = (lines: readonly string[]): string =>
  `:20:REF\n:25:AE070331234567890123456\n:28C:1/1\n:34F:AED0,\n:13D:2611221430+0400\n${lines.join('\n')}\n` +
  `:90D:0AED0,\n:90C:${COUNT}AED${(COUNT * (COUNT - 1)) / 2},00\n-\n`;

const camtEntry = (n: number): string =>
  `<Ntry><Amt Ccy="AED">${n}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><ValDt><Dt>2026-11-22</Dt></ValDt>` +
  `<NtryDtls><TxDtls><Refs><EndToEndId>E${n}</EndToEndId></Refs><RmtInf><Ustrd>CARD ${CARD}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`;
const camtStatement = (entries: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>\n` +
  `<Id>S1</Id><Acct><Id><IBAN>AE070331234567890123456</IBAN></Id></Acct>\n${entries.join('\n')}\n</Stmt></BkToCstmrStmt></Document>\n`;

const posted = (n: number): object => ({
  id: `p${n}`,
  amount: `${n}.00`,
  currency: 'AED',
  time: '2026-11-22T10:00:00Z',
  attributes: { note: `card ${CARD}` },
});

/** One for every connector in the registry: the suite fails for one that has none. */
export const CONFORMANCE_CASES: { readonly [connector: string]: ConformanceCase } = {
  csv: {
    settings: { path: 'x' },
    good: [CSV_HEADER, ...numbers.map(csvRow), ''].join('\n'),
    damaged: [CSV_HEADER, ...numbers.map(csvRow), `bad,${CARD},not an amount,AED,2026-11-22`, ''].join('\n'),
    records: COUNT,
  },
  mt940: {
    settings: { path: 'x' },
    good: mt940Statement(numbers.map(mt940Line)),
    damaged: mt940Statement([...numbers.map(mt940Line), `:61:nonsense ${CARD}`]),
    records: COUNT,
  },
  mt942: {
    settings: { path: 'x' },
    good: mt942Report(numbers.map(mt940Line)),
    damaged: mt942Report([...numbers.map(mt940Line), `:61:nonsense ${CARD}`]),
    records: COUNT,
  },
  camt: {
    settings: { path: 'x' },
    good: camtStatement(numbers.map(camtEntry)),
    damaged: camtStatement([
      ...numbers.map(camtEntry),
      camtEntry(1).replace('<Amt Ccy="AED">', `<Amt Ccy="${CARD}">`),
    ]),
    records: COUNT,
  },
  'http-json': {
    settings: {},
    good: JSON.stringify({ records: numbers.map(posted) }),
    damaged: JSON.stringify({
      records: [...numbers.map(posted), { id: CARD, amount: 'x', currency: 'AED' }],
    }),
    records: COUNT,
  },
};
