/** Lines, or entries, of one statement of the files that parsers are measured with. */
export const STATEMENT_LINES = 200;

/** Minor units as a decimal in major units. */
export const major = (minor: number): string => (minor / 100).toFixed(2);

/** Writes statements of 200 entries as banks do: each element on a line of its own, indented. */
export function camtText(entries: number): string {
  const parts = [CAMT_START];
  for (let first = 0; first < entries; first += STATEMENT_LINES) {
    parts.push(camtStatement(first, Math.min(entries, first + STATEMENT_LINES)));
  }
  return [...parts, CAMT_END].join('\n');
}

/** What stands before the statements of a file. */
export const CAMT_START = [
  '<?xml version="1.0" encoding="UTF-8"?>',
  '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">',
  '  <BkToCstmrStmt>',
].join('\n');

/** What stands behind them. */
export const CAMT_END = '  </BkToCstmrStmt>\n</Document>\n';

/** A statement with the entries from `first` to before `end`, which opens where the one before closed. */
export function camtStatement(first: number, end: number, account = 'AE070331234567890123456'): string {
  const balance = (type: string, minor: number): string =>
    indented(
      `<Bal><Tp><CdOrPrtry><Cd>${type}</Cd></CdOrPrtry></Tp><Amt Ccy="AED">${major(minor)}</Amt>` +
        `<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-21</Dt></Dt></Bal>`,
      6,
    );
  const parts = ['    <Stmt>', indented(`<Id>S${first}</Id>`, 6)];
  parts.push(indented(`<Acct><Id><IBAN>${account}</IBAN></Id></Acct>`, 6));
  parts.push(balance('OPBD', first * 125), balance('CLBD', end * 125));
  for (let n = first; n < end; n++) parts.push(camtEntry(n));
  parts.push('    </Stmt>');
  return parts.join('\n');
}

function camtEntry(n: number): string {
  const uetr = `eb6305c9-1f7f-49de-aed0-${(n * 7_919).toString(16).padStart(12, 'abcdef')}`;
  return indented(
    `<Ntry><NtryRef>${n}</NtryRef><Amt Ccy="AED">1.25</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>` +
      `<BookgDt><Dt>2026-11-21</Dt></BookgDt><ValDt><Dt>2026-11-21</Dt></ValDt><AcctSvcrRef>BANK${n}</AcctSvcrRef>` +
      `<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>` +
      `<NtryDtls><TxDtls><Refs><EndToEndId>E2E${n}</EndToEndId><UETR>${uetr}</UETR></Refs>` +
      `<Amt Ccy="AED">1.25</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>CUSTOMER ${n}</Nm>` +
      `<PstlAdr><Ctry>AE</Ctry><AdrLine>STREET 10</AdrLine></PstlAdr></Pty></Dbtr><DbtrAcct><Id>` +
      `<IBAN>AE070331234567890123456</IBAN></Id></DbtrAcct></RltdPties>` +
      `<RmtInf><Ustrd>PAYMENT OF INVOICE ${n}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`,
    6,
  );
}

/** Elements on lines of their own, two blanks a level. */
function indented(xml: string, depth: number): string {
  let level = depth;
  return xml
    .split(/(?=<(?!\/))|(?<=<\/[^>]*>)(?=<)/)
    .map((tag) => {
      if (tag.startsWith('</')) level -= 2;
      const line = ' '.repeat(level) + tag;
      if (!tag.includes('</')) level += 2;
      return line;
    })
    .join('\n');
}
