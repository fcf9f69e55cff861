import { keepTexts } from '../contract/index.ts';
import { isTrue } from './amounts.ts';
import type { Fields, RawEntry, RawStatement, RawTransaction } from './raw-message.ts';

/** References and attributes, by name. */
export interface Facts {
  readonly references: { [name: string]: string };
  readonly attributes: { [name: string]: string };
}

/** References by the field that they come from; a transaction's before its entry's. */
const REFERENCES: readonly (readonly [name: string, field: string])[] = [
  ['endToEndId', 'endToEndId'],
  ['transactionId', 'transactionId'],
  ['instructionId', 'instructionId'],
  ['uetr', 'uetr'],
  ['mandate', 'mandate'],
  ['cheque', 'cheque'],
  ['clearingReference', 'clearingReference'],
  ['creditorReference', 'creditorReference'],
  ['documentNumber', 'documentNumber'],
  ['messageId', 'messageId'],
  ['paymentInformationId', 'paymentInformationId'],
];

/** What a payment is mostly known by; the first that is there becomes `reference`. */
const MAIN_REFERENCES = ['endToEndId', 'creditorReference', 'transactionId', 'instructionId'];

const ATTRIBUTES: readonly (readonly [name: string, field: string])[] = [
  ['remittance', 'remittance'],
  ['purpose', 'purpose'],
  ['returnReason', 'returnReason'],
  ['exchangeRate', 'exchangeRate'],
];

/** Values with which banks say that there is none. */
const NONE = new Set(['NOTPROVIDED', 'NONREF', 'N/A']);

/**
 * References and attributes of an entry's record, or of one of its transactions'.
 * @param decode bytes as text
 * @param charges as the source states them, where they are no part of the amount
 * @throws CounterfoilError `invalidField` where one is too long
 */
export function factsOf(
  statement: RawStatement,
  entry: RawEntry,
  transaction: RawTransaction | undefined,
  isCredited: boolean,
  decode: (text: string) => string,
  charges: string | undefined,
): Facts {
  const of = transaction?.fields ?? {};
  const { fields } = entry;
  const references: { [name: string]: string } = {};
  const attributes: { [name: string]: string } = {};
  const refer = (name: string, text: string | undefined): void => {
    if (text !== undefined && !isNone(text)) references[name] ??= decode(text);
  };
  const add = (name: string, text: string | undefined): void => {
    if (text !== undefined) attributes[name] ??= decode(text);
  };
  for (const field of MAIN_REFERENCES) refer('reference', of[field]);
  for (const [name, field] of REFERENCES) refer(name, of[field]);
  refer('messageId', fields['batchMessageId']);
  refer('paymentInformationId', fields['batchPaymentInformationId']);
  refer('bankReference', of['bankReference']);
  refer('bankReference', fields['bankReference']);
  refer('entryReference', fields['entryReference']);

  add('message', statement.message);
  add('statement', statement.fields['id']);
  add('transactionCode', codeOf(of) ?? codeOf(fields));
  add('proprietaryCode', of['proprietaryCode'] ?? fields['proprietaryCode']);
  for (const [name, field] of ATTRIBUTES) add(name, of[field] ?? fields[field]);
  addCounterparty(of, isCredited !== isTrue(fields['reversal']), add);
  add('information', of['information']);
  add(of['information'] === undefined ? 'information' : 'entryInformation', fields['information']);
  if (isTrue(fields['reversal'])) attributes['reversal'] = 'true';
  if (transaction === undefined || entry.transactionCount === 1) add('batchCount', fields['batchCount']);
  add('charges', charges);
  return { references: keepTexts('references', references), attributes: keepTexts('attributes', attributes) };
}

/** Domain, family and sub-family of the bank's transaction code, such as `PMNT/RCDT/ESCT`. */
function codeOf({ domain, family, subFamily }: Fields): string | undefined {
  if (domain === undefined) return undefined;
  return [domain, family, subFamily].filter((part) => part !== undefined).join('/');
}

/** The other party: who paid what came in, and who was paid what went out. A reversal names them as the payment did. */
function addCounterparty(
  of: Fields,
  isIncoming: boolean,
  add: (name: string, text: string | undefined) => void,
): void {
  const party = isIncoming ? 'debtor' : 'creditor';
  const ultimate = isIncoming ? 'ultimateDebtor' : 'ultimateCreditor';
  add('counterpartyName', of[party] ?? of[ultimate]);
  add('counterpartyAccount', of[`${party}Account`]);
  add('counterpartyBank', of[`${party}Bank`]);
}

function isNone(text: string): boolean {
  return text.length <= 11 && NONE.has(text.toUpperCase());
}
