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

const mt103Message = (n: number): string =>
  `{1:F01SHOPAEADAXXX0000000000}{2:O1030919261122SENDDEFFAXXX00000000002611221201N}{3:{121:U${n}}}{4:\n` +
  `:20:R${n}\n:32A:261122AED${n},00\n:50K:/DE02\nPAYER\n:59:/AE07\nSHOP\n:70:CARD ${CARD}\n-}\n`;

const camtEntry = (n: number): string =>
  `<Ntry><Amt Ccy="AED">${n}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><ValDt><Dt>2026-11-22</Dt></ValDt>` +
  `<NtryDtls><TxDtls><Refs><EndToEndId>E${n}</EndToEndId></Refs><RmtInf><Ustrd>CARD ${CARD}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`;
const camtStatement = (entries: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>\n` +
  `<Id>S1</Id><Acct><Id><IBAN>AE070331234567890123456</IBAN></Id></Acct>\n${entries.join('\n')}\n</Stmt></BkToCstmrStmt></Document>\n`;

const stlColumns =
  '"CH","Transaction ID","Invoice ID","Transaction Event Code","Transaction Initiation Date","Transaction Debit or Credit",' +
  '"Gross Transaction Amount","Gross Transaction Currency","Custom Field"';
const stlRow = (n: number): string =>
  `"SB","TX${n}","","T0006",2026/11/22 10:00:00 -0700,"CR",${n}00,"USD","note ${CARD}"`;
const stlReport = (rows: readonly string[]): string =>
  [
    '"RH",2026/11/23 02:44:19 -0700,"A","ACCOUNT",009,',
    '"FH",01',
    '"SH",2026/11/22 00:00:00 -0700,2026/11/22 23:59:59 -0700,"ACCOUNT",""',
    stlColumns,
    ...rows,
    `"SF","USD",${(COUNT * (COUNT - 1) * 100) / 2},0,0,0`,
    `"SC",${rows.length}`,
    `"RF",${rows.length}`,
    `"RC",${rows.length}`,
    `"FF",${rows.length}`,
    '',
  ].join('\n');

const posted = (n: number): object => ({
  id: `p${n}`,
  amount: `${n}.00`,
  currency: 'AED',
  time: '2026-11-22T10:00:00Z',
  attributes: { note: `card ${CARD}` },
});

const ndjsonLine = (n: number): string =>
  `{"id":"p${n}","amount":${n}.00,"currency":"AED","time":"2026-11-22T10:00:00Z","more":{"note":"card ${CARD}"}}\n`;

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
  mt103: {
    settings: { path: 'x' },
    good: numbers.map(mt103Message).join(''),
    damaged: [...numbers.map(mt103Message), mt103Message(1).replace(':32A:', ':32B:')].join(''),
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
  'paypal-report': {
    settings: { path: 'x' },
    good: stlReport(numbers.map(stlRow)),
    damaged: stlReport([...numbers.map(stlRow), stlRow(1).replace(',100,', `,"${CARD}x",`)]),
    records: COUNT,
  },
  ndjson: {
    settings: {
      path: 'x',
      fields: {
        id: 'id',
        amount: 'amount',
        currency: 'currency',
        time: 'time',
        'attributes.note': 'more.note',
      },
    },
    good: numbers.map(ndjsonLine).join(''),
    damaged: [...numbers.map(ndjsonLine), ndjsonLine(1).replace('1.00', 'much')].join(''),
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
