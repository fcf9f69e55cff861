import { DAY_MS, exponentOf, formatDay, formatMinor } from '../../../engine/domain/index.ts';
import type { LocalDay } from '../../../engine/domain/index.ts';
import type { BankLine } from '../scenario/index.ts';
import { BANK_TERMINAL, factsOf, ibanOf, localDay, localTime } from './accounts.ts';

/** What a statement or report is about. */
export interface PaperHead {
  readonly iban: string;
  readonly currency: string;
  /** Of its account, counted from 1. */
  readonly number: number;
  /** When the bank made it, epoch milliseconds. */
  readonly madeMs: number;
}

/** A day of an account. Balances are minor units. */
export interface DayStatement extends PaperHead {
  readonly day: LocalDay;
  readonly opening: bigint;
  readonly closing: bigint;
  readonly lines: readonly BankLine[];
}

/** What has come to an account since the last report of the day. */
export interface InterimReport extends PaperHead {
  readonly lines: readonly BankLine[];
}

const major = (minor: bigint, currency: string): string =>
  formatMinor(minor < 0n ? -minor : minor, exponentOf(currency));
/** With a decimal comma, which is there without decimals too. */
const comma = (minor: bigint, currency: string): string => {
  const text = major(minor, currency).replace('.', ',');
  return text.includes(',') ? text : `${text},`;
};
const mark = (minor: bigint): 'C' | 'D' => (minor < 0n ? 'D' : 'C');
const sixDigits = (day: LocalDay): string => formatDay(day).slice(2).replaceAll('-', '');

function statementLine({ id, atMs, amount, currency, trace, text }: BankLine): string[] {
  const day = localDay(atMs);
  const { bankReference } = factsOf({ id, amount });
  const entry = sixDigits(day).slice(2);
  const reference = trace ?? 'NONREF';
  return [
    `:61:${sixDigits(day)}${entry}${mark(amount)}${comma(amount, currency)}NTRF${reference}//${bankReference}`,
    `:86:${trace === undefined ? '' : `/EREF/${trace}`}/NAME/${text}/REMI/PAYOUT`,
  ];
}

/** A day's statement as MT940, in the form that banks in the UAE publish specifications of: bare, with CR and LF. */
export function writeMt940(statement: DayStatement): string {
  const { iban, currency, number, day, opening, closing, lines } = statement;
  const balance = (tag: string, of: LocalDay, minor: bigint): string =>
    `:${tag}:${mark(minor)}${sixDigits(of)}${currency}${comma(minor, currency)}`;
  return [
    `:20:ST${number}`,
    `:25:${iban}`,
    `:28C:${number}/1`,
    balance('60F', day - 1, opening),
    ...lines.flatMap(statementLine),
    balance('62F', day, closing),
    '-',
    '',
  ].join('\r\n');
}

/** What came in the course of a day, as MT942. */
export function writeMt942({ iban, currency, number, madeMs, lines }: InterimReport): string {
  const { date, time } = localTime(madeMs);
  const sums = (['D', 'C'] as const).map((direction) => {
    const own = lines.filter(({ amount }) => mark(amount) === direction);
    const sum = own.reduce((total, { amount }) => total + amount, 0n);
    return `:90${direction}:${own.length}${currency}${comma(sum, currency)}`;
  });
  return [
    `:20:IR${number}`,
    `:25:${iban}`,
    `:28C:${number}/1`,
    `:34F:${currency}0,`,
    `:13D:${date.slice(2).replaceAll('-', '')}${time.replace(':', '')}+0400`,
    ...lines.flatMap(statementLine),
    ...sums,
    '-',
    '',
  ].join('\r\n');
}

/** A day's statement as camt.053.001.08. */
export function writeCamt053(statement: DayStatement): string {
  const { iban, currency, number, madeMs, day, opening, closing, lines } = statement;
  const amount = (minor: bigint): string =>
    `<Amt Ccy="${currency}">${major(minor, currency)}</Amt><CdtDbtInd>${minor < 0n ? 'DBIT' : 'CRDT'}</CdtDbtInd>`;
  const balance = (type: string, of: LocalDay, minor: bigint): string =>
    `<Bal><Tp><CdOrPrtry><Cd>${type}</Cd></CdOrPrtry></Tp>${amount(minor)}<Dt><Dt>${formatDay(of)}</Dt></Dt></Bal>`;
  const entries = lines.map((line) => {
    const date = formatDay(localDay(line.atMs));
    const { bankReference, uetr } = factsOf(line);
    const party = line.amount < 0n ? 'Cdtr' : 'Dbtr';
    return (
      `<Ntry>${amount(line.amount)}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${date}</Dt></BookgDt><ValDt><Dt>${date}</Dt></ValDt>` +
      `<AcctSvcrRef>${bankReference}</AcctSvcrRef><NtryDtls><TxDtls><Refs>` +
      `${line.trace === undefined ? '' : `<EndToEndId>${line.trace}</EndToEndId>`}<UETR>${uetr}</UETR></Refs>` +
      `<RltdPties><${party}><Pty><Nm>${line.text}</Nm></Pty></${party}></RltdPties></TxDtls></NtryDtls></Ntry>`
    );
  });
  const { date, time } = localTime(madeMs);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>',
    `<GrpHdr><MsgId>M${iban}-${number}</MsgId><CreDtTm>${date}T${time}:00+04:00</CreDtTm></GrpHdr>`,
    `<Stmt><Id>S${number}</Id><Acct><Id><IBAN>${iban}</IBAN></Id><Ccy>${currency}</Ccy></Acct>`,
    balance('OPBD', day - 1, opening),
    balance('CLBD', day, closing),
    ...entries,
    '</Stmt></BkToCstmrStmt></Document>',
    '',
  ].join('\n');
}

/** A credit as the MT103 that brought it: shared charges, taken out of what was sent. */
export function writeMt103(line: BankLine): string {
  const { id, merchant, currency, amount, atMs, text, trace } = line;
  const { bankReference, uetr, charge } = factsOf({ id, amount });
  const day = sixDigits(localDay(atMs));
  const time = localTime(atMs).time.replace(':', '');
  return [
    `{1:F01${BANK_TERMINAL}0000000000}{2:O103${time}${day}ACQRAEADAXXX0000000000${day}${time}N}{3:{121:${uetr}}}{4:`,
    `:20:${bankReference}`,
    ':23B:CRED',
    `:32A:${day}${currency}${comma(amount, currency)}`,
    `:33B:${currency}${comma(amount + charge, currency)}`,
    ':50K:/AE070331234567890123456',
    text,
    `:59:/${ibanOf(merchant, currency)}`,
    merchant.toUpperCase(),
    `:70:${trace ?? 'PAYOUT'}`,
    ':71A:SHA',
    ...(charge === 0n ? [] : [`:71F:${currency}${comma(charge, currency)}`]),
    `-}{5:{CHK:${String(atMs % DAY_MS).padStart(12, '0')}}}`,
    '',
  ].join('\r\n');
}
