import { BANK_ACCOUNT, IBAN, ZONE } from './merchant.ts';

/** Names of the files that the demo writes, as its sources read them. */
export const FILES = { ledger: 'ledger.csv', cashBook: 'cash-book.csv', statement: 'statement.sta' } as const;

/** The header of the ledger's export of the card clearing account. */
export const LEDGER_HEADER = 'Entry,Outlet,Document,Type,Amount,Currency,Sold at';
/** The header of the ledger's export of the bank account. */
export const CASH_BOOK_HEADER = 'Entry,Document,Text,Amount,Currency,Date';

/**
 * One for all, long enough for every source to be heard after the start. A source that an account never hears of, as
 * the outlets never hear of the bank, holds that account's watermark back for so long: until then nothing breaks there.
 */
const IDLE = '5s';

/**
 * The sources of the demo, as a configuration file has them.
 * @param folder where the files are
 */
export function demoSources(folder: string): { [source: string]: { [setting: string]: unknown } } {
  return {
    gateway: { connector: 'http-json', zone: ZONE, outOfOrder: '2m', idleTimeout: IDLE },
    ledger: {
      connector: 'csv',
      path: `${folder}/${FILES.ledger}`,
      zone: ZONE,
      outOfOrder: '5m',
      idleTimeout: IDLE,
      columns: {
        id: 'Entry',
        account: 'Outlet',
        reference: 'Document',
        amount: 'Amount',
        currency: 'Currency',
        time: 'Sold at',
      },
    },
    bank: {
      connector: 'mt940',
      path: `${folder}/${FILES.statement}`,
      zone: ZONE,
      idleTimeout: IDLE,
      accounts: { [IBAN]: BANK_ACCOUNT },
    },
    'cash-book': {
      connector: 'csv',
      path: `${folder}/${FILES.cashBook}`,
      zone: ZONE,
      account: BANK_ACCOUNT,
      idleTimeout: IDLE,
      // The date is the time, with the precision of a day, and the value date that the second rule compares.
      columns: {
        id: 'Entry',
        reference: 'Document',
        amount: 'Amount',
        currency: 'Currency',
        time: 'Date',
        valueDate: 6,
      },
    },
  };
}

/**
 * The two reconciliations that every merchant has who takes cards: the clearing account of the ledger against the
 * gateway, and the bank account of the ledger (the cash book) against the bank's statement.
 */
export function demoReconciliations(): { [setting: string]: unknown }[] {
  return [
    {
      name: 'gateway-to-ledger',
      left: { sources: ['gateway'] },
      right: { sources: ['ledger'] },
      window: { before: '10m', after: '30m', grace: '5m' },
      rules: [{ name: 'by-reference', keys: ['reference', 'currency'], tolerance: { amount: '0.50' } }],
    },
    {
      name: 'bank-to-cash-book',
      left: { sources: ['bank'] },
      right: { sources: ['cash-book'] },
      window: { before: '2d', after: '1d', grace: '0s' },
      rules: [
        { name: 'by-reference', keys: ['reference', 'currency'], tolerance: { amount: '5.00' } },
        { name: 'by-amount-and-date', keys: ['amount', 'valueDate', 'currency'] },
      ],
    },
  ];
}
