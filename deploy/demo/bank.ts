import { CASH_BOOK_HEADER } from './configuration.ts';
import { dayText, dirhams, IBAN, OUTLETS } from './merchant.ts';
import { statementText, type StatementEntry } from './mt940-text.ts';
import type { Planted } from './planted.ts';
import { integer, pick, type Random } from './random.ts';

/** The statement covers so many days, the last of them yesterday. */
const DAYS = 7;

/** A day's postings as the cash book has them: what the merchant expects of the bank. Amounts in fils. */
interface CashBookEntry {
  readonly day: number;
  readonly document: string;
  readonly text: string;
  readonly amount: number;
}

/**
 * A week of the merchant's bank account, as the bank states it and as the cash book has it.
 * Everything that is to break lies so far back that its window has closed when the statement ends.
 * @param today days since 1970-01-01
 */
export function bankWeek(
  random: Random,
  today: number,
  planted: Planted,
): { readonly statement: string; readonly cashBook: string } {
  const book: CashBookEntry[] = [];
  const entries: StatementEntry[] = [];
  let bankNumber = 26_000_000 + integer(random, 0, 900_000);
  const state = (
    day: number,
    amount: number,
    type: string,
    reference: string,
    narrative: readonly string[],
    bookingDay = day,
  ): void => {
    bankNumber += integer(random, 1, 40);
    entries.push({
      valueDay: day,
      bookingDay,
      amount,
      type,
      reference,
      narrative,
      bankReference: `FT${bankNumber}`,
    });
  };

  for (let age = DAYS; age >= 1; age--) {
    const day = today - age;
    const stamp = dayText(day).slice(2).replaceAll('-', '');
    for (const [i, outlet] of OUTLETS.entries()) {
      const amount = integer(random, 2_000_000, 9_000_000);
      const document = `PO${stamp}${outlet.code}`;
      book.push({ day, document, text: `Card payout ${outlet.name}`, amount });
      const narrative = [`CARD SETTLEMENT ${outlet.name}`, `PAYOUT ${document}`];
      if (age === 6 && i === 0) {
        planted.missingCredit += 1;
      } else if (age === 5 && i === 1) {
        planted.shortCredit += 1;
        state(day, amount - 25_000, 'NTRF', document, narrative);
      } else if (age === 4 && i === 2) {
        planted.backValuedCredit += 1;
        state(day, amount, 'NTRF', document, narrative, day + 2);
      } else if (i === 2) {
        planted.transferFee += 1;
        state(day, amount - 105, 'NTRF', document, [...narrative, 'LESS TRANSFER FEE 1,00 VAT 0,05']);
      } else {
        state(day, amount, 'NTRF', document, narrative);
      }
    }

    const supplier = -integer(random, 150_000, 1_900_000);
    book.push({ day, document: `PV${stamp}A`, text: 'Supplier payment', amount: supplier });
    state(day, supplier, 'NTRF', `PV${stamp}A`, [`OUTWARD TRANSFER ${pick(random, SUPPLIERS)}`]);

    const cash = integer(random, 300, 900) * 1000 + age * 100;
    book.push({ day, document: `CD${stamp}`, text: 'Cash deposit', amount: cash });
    planted.creditWithoutReference += 1;
    state(day, cash, 'NMSC', 'NONREF', ['CASH DEPOSIT MACHINE 0417 AL BARSHA']);

    if (age >= 4) {
      planted.bankCharge += 1;
      state(day, -5250 - age * 105, 'NCHG', 'NONREF', ['MERCHANT TERMINAL RENT INCL VAT 5 PCT']);
    }
  }
  const salaries = {
    day: today - 3,
    document: `WPS${dayText(today - 3).slice(2, 7)}`,
    text: 'Salaries (WPS)',
    amount: -18_450_000,
  };
  book.push(salaries);
  state(salaries.day, salaries.amount, 'NTRF', salaries.document, ['WPS SALARY TRANSFER 23 EMPLOYEES']);

  return { statement: statements(entries, today), cashBook: cashBookText(book, planted) };
}

const SUPPLIERS = [
  'GULF PACKAGING LLC',
  'AL NOOR TRADING',
  'EMIRATES FOODSTUFF FZCO',
  'DEIRA LOGISTICS',
] as const;

function statements(entries: readonly StatementEntry[], today: number): string {
  let balance = 31_245_075;
  const texts: string[] = [];
  for (let day = today - DAYS; day < today; day++) {
    const year = Date.UTC(new Date(day * 86_400_000).getUTCFullYear(), 0, 1) / 86_400_000;
    const { text, closing } = statementText({
      iban: IBAN,
      currency: 'AED',
      day,
      number: day - year + 1,
      opening: balance,
      entries: entries.filter((entry) => entry.bookingDay === day),
    });
    balance = closing;
    texts.push(text);
  }
  return texts.join('');
}

function cashBookText(book: readonly CashBookEntry[], planted: Planted): string {
  const rows = [...book]
    .sort((a, b) => a.day - b.day)
    .map((entry, i) =>
      [`CB${1001 + i}`, entry.document, entry.text, dirhams(entry.amount), 'AED', dayText(entry.day)].join(
        ',',
      ),
    );
  // A person typed the letter O: no amount, and nobody may guess which.
  planted.deadLetter += 1;
  rows.push(`CB${1001 + rows.length},PV-TYPO,Petty cash,-12O.50,AED,${dayText(book.at(-1)!.day)}`);
  return `${[CASH_BOOK_HEADER, ...rows].join('\n')}\n`;
}
