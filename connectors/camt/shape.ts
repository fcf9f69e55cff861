/** Where what is read of an element begins an object of its own. */
export type Scope = 'statement' | 'balance' | 'entry' | 'transaction' | 'charge';

type Repeats = 'first' | 'joined' | 'never';

/** What is kept of an element of a message. */
export interface Shape {
  /** The field that its text becomes. */
  readonly field: string | undefined;
  /** What becomes of a repetition: the first counts, all are kept one a line, or the whole says two things at once. */
  readonly repeats: Repeats;
  /** The field that its attribute `Ccy` becomes. */
  readonly currencyField: string | undefined;
  readonly scope: Scope | undefined;
  readonly children: ReadonlyMap<string, Shape>;
}

interface Draft extends Shape {
  field: string | undefined;
  repeats: Repeats;
  currencyField: string | undefined;
  children: Map<string, Shape>;
}

/**
 * Paths of elements and what they become: the name of a field, with `+` where repetitions are joined, with `!` where
 * there is never one, with `@` where the element is an amount, which never repeats and whose currency becomes
 * `<field>Currency`; or a shape of its own.
 */
interface Paths {
  readonly [path: string]: string | Shape;
}

function shape(paths: Paths, scope?: Scope): Shape {
  const root = draft(scope);
  for (const [path, what] of Object.entries(paths)) {
    const names = path.split('/');
    const last = names.pop()!;
    let at = root;
    for (const name of names) at = childOf(at, name);
    if (typeof what !== 'string') {
      at.children.set(last, what);
      continue;
    }
    const leaf = childOf(at, last);
    leaf.field = what.replace(/[+!@]$/, '');
    leaf.repeats = what.endsWith('+') ? 'joined' : /[!@]$/.test(what) ? 'never' : 'first';
    leaf.currencyField = what.endsWith('@') ? `${leaf.field}Currency` : undefined;
  }
  return root;
}

function draft(scope?: Scope): Draft {
  return { field: undefined, repeats: 'first', currencyField: undefined, scope, children: new Map() };
}

function childOf(parent: Draft, name: string): Draft {
  let child = parent.children.get(name) as Draft | undefined;
  if (child === undefined) parent.children.set(name, (child = draft()));
  return child;
}

/** Version 02 has one element for each charge, later ones records in it. */
const CHARGE: Paths = {
  TtlChrgsAndTaxAmt: 'total@',
  Amt: 'amount@',
  CdtDbtInd: 'indicator!',
  ChrgInclInd: 'included!',
  'Tax/Amt': 'tax@',
};
const CHARGES = shape({ ...CHARGE, Rcrd: shape(CHARGE, 'charge') }, 'charge');

/** What entries and their transactions have alike. */
const MOVEMENT: Paths = {
  Amt: 'amount@',
  CdtDbtInd: 'indicator!',
  'AmtDtls/InstdAmt/Amt': 'instructed@',
  'AmtDtls/InstdAmt/CcyXchg/XchgRate': 'exchangeRate',
  'AmtDtls/TxAmt/Amt': 'moved@',
  'AmtDtls/TxAmt/CcyXchg/XchgRate': 'exchangeRate',
  'AmtDtls/CntrValAmt/CcyXchg/XchgRate': 'exchangeRate',
  'BkTxCd/Domn/Cd': 'domain',
  'BkTxCd/Domn/Fmly/Cd': 'family',
  'BkTxCd/Domn/Fmly/SubFmlyCd': 'subFamily',
  'BkTxCd/Prtry/Cd': 'proprietaryCode',
  Chrgs: CHARGES,
};

/** A party is under `Pty` from version 08 on, an agent's code is `BICFI` from 04 on. */
const TRANSACTION = shape(
  {
    ...MOVEMENT,
    'Refs/MsgId': 'messageId',
    'Refs/AcctSvcrRef': 'bankReference',
    'Refs/PmtInfId': 'paymentInformationId',
    'Refs/InstrId': 'instructionId',
    'Refs/EndToEndId': 'endToEndId',
    'Refs/UETR': 'uetr',
    'Refs/TxId': 'transactionId',
    'Refs/MndtId': 'mandate',
    'Refs/ChqNb': 'cheque',
    'Refs/ClrSysRef': 'clearingReference',
    'RltdPties/Dbtr/Nm': 'debtor',
    'RltdPties/Dbtr/Pty/Nm': 'debtor',
    'RltdPties/DbtrAcct/Id/IBAN': 'debtorAccount',
    'RltdPties/DbtrAcct/Id/Othr/Id': 'debtorAccount',
    'RltdPties/UltmtDbtr/Nm': 'ultimateDebtor',
    'RltdPties/UltmtDbtr/Pty/Nm': 'ultimateDebtor',
    'RltdPties/Cdtr/Nm': 'creditor',
    'RltdPties/Cdtr/Pty/Nm': 'creditor',
    'RltdPties/CdtrAcct/Id/IBAN': 'creditorAccount',
    'RltdPties/CdtrAcct/Id/Othr/Id': 'creditorAccount',
    'RltdPties/UltmtCdtr/Nm': 'ultimateCreditor',
    'RltdPties/UltmtCdtr/Pty/Nm': 'ultimateCreditor',
    'RltdAgts/DbtrAgt/FinInstnId/BIC': 'debtorBank',
    'RltdAgts/DbtrAgt/FinInstnId/BICFI': 'debtorBank',
    'RltdAgts/CdtrAgt/FinInstnId/BIC': 'creditorBank',
    'RltdAgts/CdtrAgt/FinInstnId/BICFI': 'creditorBank',
    'Purp/Cd': 'purpose',
    'Purp/Prtry': 'purpose',
    'RmtInf/Ustrd': 'remittance+',
    'RmtInf/Strd/CdtrRefInf/Ref': 'creditorReference',
    'RmtInf/Strd/RfrdDocInf/Nb': 'documentNumber',
    'RmtInf/Strd/AddtlRmtInf': 'remittance+',
    'RtrInf/Rsn/Cd': 'returnReason',
    'RtrInf/Rsn/Prtry': 'returnReason',
    AddtlTxInf: 'information+',
  },
  'transaction',
);

/** `Sts` is a text in version 02 and has `Cd` in it from 08 on. */
const ENTRY = shape(
  {
    ...MOVEMENT,
    NtryRef: 'entryReference',
    RvslInd: 'reversal!',
    Sts: 'status!',
    'Sts/Cd': 'status!',
    'Sts/Prtry': 'proprietaryStatus!',
    'BookgDt/Dt': 'bookingDate!',
    'BookgDt/DtTm': 'bookingDate!',
    'ValDt/Dt': 'valueDate!',
    'ValDt/DtTm': 'valueDate!',
    AcctSvcrRef: 'bankReference',
    'NtryDtls/Btch/MsgId': 'batchMessageId',
    'NtryDtls/Btch/PmtInfId': 'batchPaymentInformationId',
    'NtryDtls/Btch/NbOfTxs': 'batchCount',
    'NtryDtls/TxDtls': TRANSACTION,
    AddtlNtryInf: 'information+',
  },
  'entry',
);

const BALANCE = shape(
  {
    'Tp/CdOrPrtry/Cd': 'type!',
    'Tp/SubTp/Cd': 'subType',
    Amt: 'amount@',
    CdtDbtInd: 'indicator!',
    'Dt/Dt': 'date!',
    'Dt/DtTm': 'date!',
  },
  'balance',
);

/** Reports, statements and notifications have the same parts. */
const STATEMENT = shape(
  {
    Id: 'id!',
    'StmtPgntn/PgNb': 'page!',
    'RptPgntn/PgNb': 'page!',
    'NtfctnPgntn/PgNb': 'page!',
    'StmtPgntn/LastPgInd': 'lastPage',
    'RptPgntn/LastPgInd': 'lastPage',
    ElctrncSeqNb: 'sequence',
    LglSeqNb: 'legalSequence',
    'Acct/Id/IBAN': 'account!',
    'Acct/Id/Othr/Id': 'account!',
    Bal: BALANCE,
    Ntry: ENTRY,
  },
  'statement',
);

/** The messages that are read, by their element. */
export const MESSAGES: ReadonlyMap<string, { readonly name: MessageName; readonly shape: Shape }> = new Map([
  ['BkToCstmrAcctRpt', { name: 'camt.052', shape: shape({ Rpt: STATEMENT }) }],
  ['BkToCstmrStmt', { name: 'camt.053', shape: shape({ Stmt: STATEMENT }) }],
  ['BkToCstmrDbtCdtNtfctn', { name: 'camt.054', shape: shape({ Ntfctn: STATEMENT }) }],
]);

/** The messages by the name that the standard gives them. */
export const MESSAGE_NAMES = ['camt.052', 'camt.053', 'camt.054'] as const;
export type MessageName = (typeof MESSAGE_NAMES)[number];
