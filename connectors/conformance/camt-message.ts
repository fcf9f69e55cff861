/** Messages for tests, as banks write them. */

interface EntryOptions {
  readonly indicator?: string;
  readonly currency?: string;
  readonly status?: string;
  /** More elements of the entry. */
  readonly inside?: string;
}

/** An entry of one line, booked on 22 November 2026 for the day before. */
export function entryText(
  amount: string,
  { indicator = 'CRDT', currency = 'AED', status = 'BOOK', inside = '' }: EntryOptions = {},
): string {
  return (
    `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${indicator}</CdtDbtInd><Sts>${status}</Sts>` +
    `<BookgDt><Dt>2026-11-22</Dt></BookgDt><ValDt><Dt>2026-11-21</Dt></ValDt>${inside}</Ntry>`
  );
}

/** The details of an entry with one transaction, with what stands in it. */
export function detailsText(transaction: string): string {
  return `<NtryDtls><TxDtls>${transaction}</TxDtls></NtryDtls>`;
}

/** A balance; a negative amount is a debit. */
export function balanceText(type: string, amount: string, day = '2026-11-22', currency = 'AED'): string {
  return (
    `<Bal><Tp><CdOrPrtry><Cd>${type}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${amount.replace('-', '')}</Amt>` +
    `<CdtDbtInd>${amount.startsWith('-') ? 'DBIT' : 'CRDT'}</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>`
  );
}

interface StatementOptions {
  readonly id?: string;
  readonly account?: string;
  readonly balances?: string;
  /** More elements of the statement, before its account. */
  readonly header?: string;
}

/** What stands in a `Stmt`, `Rpt` or `Ntfctn`. */
export function statementOf(
  entries: string,
  { id = 'S1', account = 'AE070331234567890123456', balances = '', header = '' }: StatementOptions = {},
): string {
  return `<Id>${id}</Id>${header}<Acct><Id><IBAN>${account}</IBAN></Id></Acct>${balances}${entries}`;
}

const ELEMENTS = {
  '052': ['BkToCstmrAcctRpt', 'Rpt'],
  '053': ['BkToCstmrStmt', 'Stmt'],
  '054': ['BkToCstmrDbtCdtNtfctn', 'Ntfctn'],
} as const;

/** A message of one line behind its declaration. @param version such as `02` */
export function camtMessage(
  kind: keyof typeof ELEMENTS,
  version: string,
  ...statements: readonly string[]
): string {
  const [root, part] = ELEMENTS[kind];
  const parts = statements.map((statement) => `<${part}>${statement}</${part}>`).join('');
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.${kind}.001.${version}">` +
    `<${root}><GrpHdr><MsgId>M</MsgId></GrpHdr>${parts}</${root}></Document>`
  );
}
