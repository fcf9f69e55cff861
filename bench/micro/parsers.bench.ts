import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSource, parseSource } from '../../connectors/open-source.ts';
import type { BenchFigure } from '../figures.ts';

/** Writes CSV rows as a ledger exports them. */
function csvText(rows: number): string {
  const lines = ['id,account,reference,amount,currency,time,kind'];
  for (let n = 0; n < rows; n++) {
    const day = String(1 + (n % 28)).padStart(2, '0');
    lines.push(`g${n},default,ref-${n},${(n % 100_000) / 100},AED,2026-11-${day}T10:00:00Z,charge`);
  }
  return lines.join('\n');
}

/** The same with every field quoted. */
function quotedText(rows: number): string {
  return csvText(rows)
    .split('\n')
    .map((line) => `"${line.replaceAll(',', '","')}"`)
    .join('\n');
}

/** Lines, or entries, of one statement. */
const STATEMENT_LINES = 200;

/** Minor units as a decimal in major units. */
const major = (minor: number): string => (minor / 100).toFixed(2);

/** Writes statements of 200 lines with structured narratives, each opening where the one before closed. */
function mt940Text(lines: number): string {
  const parts: string[] = [];
  for (let first = 0; first < lines; first += STATEMENT_LINES) {
    const end = Math.min(lines, first + STATEMENT_LINES);
    parts.push(
      `:20:S${first}`,
      ':25:AE070331234567890123456',
      `:28C:${first / STATEMENT_LINES}/1`,
      `:60F:C261121AED${major(first * 125).replace('.', ',')}`,
    );
    for (let n = first; n < end; n++) parts.push(...mt940Line(n));
    parts.push(`:62F:C261121AED${major(end * 125).replace('.', ',')}`, '-');
  }
  return parts.join('\r\n');
}

function mt940Line(n: number): string[] {
  return [
    `:61:2611211121C1,25NTRFREF${n}//BANK${n}`,
    `:86:/TRTP/TRANSFER/IBAN/AE070331234567890123456/NAME/CUSTOMER ${n}`,
    `/REMI/PAYMENT OF INVOICE ${n}/EREF/E2E${n}`,
  ];
}

/** The same lines as interim reports. */
function mt942Text(lines: number): string {
  const parts: string[] = [];
  for (let first = 0; first < lines; first += STATEMENT_LINES) {
    const end = Math.min(lines, first + STATEMENT_LINES);
    parts.push(`:20:S${first}`, ':25:AE070331234567890123456', `:28C:${first / STATEMENT_LINES}/1`);
    parts.push(':34F:AED0,', ':13D:2611211430+0400');
    for (let n = first; n < end; n++) parts.push(...mt940Line(n));
    parts.push(`:90C:${end - first}AED${major((end - first) * 125).replace('.', ',')}`, '-');
  }
  return parts.join('\r\n');
}

/** Writes statements of 200 entries as banks do: each element on a line of its own, indented. */
function camtText(entries: number): string {
  const parts = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">',
    '  <BkToCstmrStmt>',
  ];
  const balance = (type: string, minor: number): string =>
    indented(
      `<Bal><Tp><CdOrPrtry><Cd>${type}</Cd></CdOrPrtry></Tp><Amt Ccy="AED">${major(minor)}</Amt>` +
        `<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-21</Dt></Dt></Bal>`,
      6,
    );
  for (let first = 0; first < entries; first += STATEMENT_LINES) {
    const end = Math.min(entries, first + STATEMENT_LINES);
    parts.push('    <Stmt>', indented(`<Id>S${first}</Id>`, 6));
    parts.push(indented('<Acct><Id><IBAN>AE070331234567890123456</IBAN></Id></Acct>', 6));
    parts.push(balance('OPBD', first * 125), balance('CLBD', end * 125));
    for (let n = first; n < end; n++) parts.push(camtEntry(n));
    parts.push('    </Stmt>');
  }
  return [...parts, '  </BkToCstmrStmt>', '</Document>', ''].join('\n');
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

/**
 * Measures the parsers from file to records, without publishing. Each file is read twice and the second reading is
 * measured, so that compiling does not count.
 */
export async function runParserBench(options: { readonly quick: boolean }): Promise<BenchFigure[]> {
  const rows = options.quick ? 20_000 : 500_000;
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-bench-'));
  const figures: BenchFigure[] = [];
  try {
    for (const [name, connector, text] of [
      ['csv', 'csv', csvText(rows)],
      ['csv, quoted', 'csv', quotedText(rows)],
      ['mt940', 'mt940', mt940Text(rows / 2)],
      ['mt942', 'mt942', mt942Text(rows / 2)],
      ['camt', 'camt', camtText(rows / 4)],
      ['camt, on one line', 'camt', camtText(rows / 4).replaceAll(/\n */g, '')],
    ] as const) {
      const path = join(folder, 'input');
      await writeFile(path, text);
      const { size } = await stat(path);
      const source = openSource(parseSource('bench', { connector, path }));
      let seconds = 0;
      let records = 0;
      for (let round = 0; round < 2; round++) {
        records = 0;
        const started = performance.now();
        for await (const batch of source.readFile(path, 'input')) {
          for (const item of batch) if (item.type === 'record') records++;
        }
        seconds = (performance.now() - started) / 1000;
      }
      figures.push(
        { name: `parsers: ${name}`, value: records / seconds, unit: 'records/s' },
        { name: `parsers: ${name}, bytes`, value: size / seconds / 1e6, unit: 'MB/s' },
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return figures;
}
