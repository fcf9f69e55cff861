import { STATEMENT_LINES, major } from './camt-text.ts';

const ACCOUNT = 'AE070331234567890123456';

/** Writes MT940 statements with structured narratives, each opening where the one before closed. */
export function mt940Text(lines: number): string {
  const parts: string[] = [];
  for (let first = 0; first < lines; first += STATEMENT_LINES) {
    const end = Math.min(lines, first + STATEMENT_LINES);
    parts.push(
      `:20:S${first}`,
      `:25:${ACCOUNT}`,
      `:28C:${first / STATEMENT_LINES}/1`,
      `:60F:C261121AED${comma(first * 125)}`,
    );
    for (let n = first; n < end; n++) parts.push(...statementLine(n));
    parts.push(`:62F:C261121AED${comma(end * 125)}`, '-');
  }
  return parts.join('\r\n');
}

/** The same lines as interim reports. */
export function mt942Text(lines: number): string {
  const parts: string[] = [];
  for (let first = 0; first < lines; first += STATEMENT_LINES) {
    const end = Math.min(lines, first + STATEMENT_LINES);
    parts.push(`:20:S${first}`, `:25:${ACCOUNT}`, `:28C:${first / STATEMENT_LINES}/1`);
    parts.push(':34F:AED0,', ':13D:2611211430+0400');
    for (let n = first; n < end; n++) parts.push(...statementLine(n));
    parts.push(`:90C:${end - first}AED${comma((end - first) * 125)}`, '-');
  }
  return parts.join('\r\n');
}

function statementLine(n: number): string[] {
  return [
    `:61:2611211121C1,25NTRFREF${n}//BANK${n}`,
    `:86:/TRTP/TRANSFER/IBAN/${ACCOUNT}/NAME/CUSTOMER ${n}`,
    `/REMI/PAYMENT OF INVOICE ${n}/EREF/E2E${n}`,
  ];
}

/**
 * Writes MT103 messages in their envelopes, incoming and outgoing. Every fourth was instructed in another currency, and
 * of the others every third has charges taken out of it.
 */
export function mt103Text(messages: number): string {
  return Array.from({ length: messages }, (_, n) => mt103Message(n)).join('\r\n');
}

function mt103Message(n: number): string {
  const settled = 100_000 + (n % 50_000);
  const uetr = `eb6305c9-1f7f-4${hex(n, 3)}-8${hex(n * 31, 3)}-${hex(n * 7_919, 12)}`;
  const application =
    n % 2 === 0 ? '{2:O1030919261121SENDDEFFAXXX00000000002611211201N}' : '{2:I103BENEGB2LXXXXN}';
  return [
    `{1:F01SHOPAEADAXXX0000000000}${application}{3:{108:MUR${n}}{121:${uetr}}}{4:`,
    `:20:REF${n}`,
    ':23B:CRED',
    `:32A:261121AED${comma(settled)}`,
    ...instructed(n, settled),
    ':50K:/DE02120300000000202051',
    `CUSTOMER ${n}`,
    'BERLIN',
    ':52A:SENDDEFFXXX',
    `:59:/${ACCOUNT}`,
    'SHOP LLC',
    'DUBAI',
    `:70:/INV/${n}`,
    `PAYMENT OF INVOICE ${n}`,
    ':71A:SHA',
    ...(isCharged(n) ? [':71F:AED10,00'] : []),
    '-}{5:{CHK:0123456789AB}}',
  ].join('\r\n');
}

function instructed(n: number, settled: number): string[] {
  if (n % 4 === 0) return [`:33B:USD${comma(Math.floor(settled / 4))}`, ':36:3,6725'];
  return [`:33B:AED${comma(settled + (isCharged(n) ? 1000 : 0))}`];
}

function isCharged(n: number): boolean {
  return n % 4 !== 0 && n % 3 === 0;
}

/** The lowest digits, and no more. */
function hex(n: number, digits: number): string {
  return n.toString(16).padStart(digits, '0').slice(-digits);
}

/** Minor units as a decimal with a comma. */
function comma(minor: number): string {
  return major(minor).replace('.', ',');
}
