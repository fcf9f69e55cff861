import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../local/project-root.ts';
import { eventually, getJson, listAll } from './rest.ts';
import { startUp } from './up-process.ts';

/** Public statements of several banks with what other parsers make of them, kept beside the project where they are. */
const SAMPLES = resolve(projectRoot(), '../shared/samples/mt940');
const FOLDERS = ['webschik-mt940-js', 'wolph-mt940/jejik'];
const STATEMENT = /\.(mta|sta)$/i;
const present = existsSync(SAMPLES);
if (!present) console.log(`skipped: the public sample statements are not at ${SAMPLES}`);

/** A statement line as another parser reads it. Amounts are signed, major units, as text with two digits. */
interface ExpectedLine {
  readonly account: string;
  readonly currency: string;
  readonly amount: string;
  readonly valueDate: string;
}

interface JsonBalance {
  readonly isCredit: boolean;
  readonly value: number;
}

interface JsonStatement {
  readonly accountId: string;
  readonly openingBalance: JsonBalance;
  readonly closingBalance: JsonBalance;
  readonly transactions: readonly {
    readonly isCredit: boolean;
    readonly amount: number;
    readonly currency: string;
    readonly valueDate: string;
  }[];
}

/** Raw statements, cut by hand: what the parses do not tell, as the account of each line of a Python dump. */
interface PlainStatement {
  readonly account: string;
  readonly currency: string;
  readonly lines: number;
  /** Opening and lines come to another closing. */
  readonly unbalanced: boolean;
  /** It is of no earlier day than the statement of the account before it in the file, and opens with another balance. */
  readonly discontinuous: boolean;
}

interface Sample {
  readonly path: string;
  readonly statements: readonly PlainStatement[];
  readonly lines: readonly ExpectedLine[];
}

test.skipIf(!present)(
  'public bank statements stream through up and agree line by line with other parsers',
  async () => {
    const samples = FOLDERS.flatMap((folder) =>
      readdirSync(join(SAMPLES, folder))
        .filter((name) => STATEMENT.test(name))
        .map((name) => readSample(join(SAMPLES, folder, name))),
    );
    const lines = samples.flatMap((sample) => sample.lines);
    const statements = samples.flatMap((sample) => sample.statements);
    const accounts = new Map(statements.map(({ account }) => [account, `bank ${account}`]));
    expect(samples.length).toBe(15);
    expect(lines.length).toBeGreaterThan(50);

    const directory = await mkdtemp(join(tmpdir(), 'counterfoil-samples-'));
    mkdirSync(join(directory, 'statements'));
    for (const { path } of samples) {
      const name = `${basename(join(path, '..'))}-${basename(path)}`;
      copyFileSync(path, join(directory, 'statements', name));
    }
    const up = await startUp(directory, configOf(accounts));
    try {
      const { apiUrl } = up;
      interface Side {
        readonly records: number;
        readonly amount: string;
        readonly matched: number;
        readonly pending: number;
        readonly broken: number;
      }
      interface Summary {
        readonly totals: { readonly records: number; readonly matches: number; readonly openBreaks: number };
        readonly reconciliations: readonly {
          readonly currency: string;
          readonly matches: number;
          readonly difference: string;
          readonly openBreaks: number;
          readonly sides: { readonly left: Side; readonly right: Side };
        }[];
      }
      await eventually(
        () => getJson<Summary>(apiUrl, '/v1/summary'),
        ({ totals }) => totals.records >= lines.length,
        30_000,
      );
      await postLedger(apiUrl, lines, accounts);
      const summary = await eventually(
        () => getJson<Summary>(apiUrl, '/v1/summary'),
        ({ totals }) => totals.records >= 2 * lines.length && totals.matches >= lines.length,
        30_000,
      );
      expect(summary.totals).toMatchObject({
        records: 2 * lines.length,
        matches: lines.length,
        openBreaks: 0,
        duplicates: 0,
        unrouted: 0,
        deadLetters: 0,
      });
      const currencies = [...new Set(lines.map(({ currency }) => currency))].sort();
      expect(summary.reconciliations.map(({ currency }) => currency)).toEqual(currencies);
      for (const { currency, matches, difference, openBreaks, sides } of summary.reconciliations) {
        const own = lines.filter((line) => line.currency === currency);
        const side = {
          records: own.length,
          amount: (own.reduce((sum, { amount }) => sum + cents(amount), 0) / 100).toFixed(2),
          matched: own.length,
          pending: 0,
          broken: 0,
        };
        expect({ matches, difference, openBreaks }).toEqual({
          matches: own.length,
          difference: '0.00',
          openBreaks: 0,
        });
        expect(sides).toMatchObject({ left: side, right: side });
      }

      // What is stored is what the parses say, too: rows are queryable a moment after they are counted.
      interface StoredRecord extends ExpectedLine {
        readonly id: string;
      }
      const bank = await eventually(
        () => listAll<StoredRecord>(apiUrl, '/v1/records', { source: 'bank' }),
        (records) => records.length >= lines.length,
        10_000,
      );
      expect(bank.map(describeLine).sort()).toEqual(
        lines.map((line) => describeLine({ ...line, account: accounts.get(line.account)! })).sort(),
      );
      interface StoredMatch {
        readonly rule: string;
        readonly legs: readonly { readonly source: string; readonly id: string }[];
      }
      const matches = await eventually(
        () => listAll<StoredMatch>(apiUrl, '/v1/matches'),
        (found) => found.length >= lines.length,
        10_000,
      );
      const legs = matches.flatMap((match) => match.legs).filter(({ source }) => source === 'bank');
      expect(legs.map(({ id }) => id).sort()).toEqual(bank.map(({ id }) => id).sort());
      expect(new Set(matches.map(({ rule }) => rule))).toEqual(new Set(['by-amount-and-date']));
      expect(await listAll(apiUrl, '/v1/breaks', { state: 'open' })).toEqual([]);
      expect(await listAll(apiUrl, '/v1/dead-letters')).toEqual([]);

      // A statement that does not add up, or not follow on the one before it, is a finding of its own, and its lines are matched all the same.
      const unbalanced = statements.filter((statement) => statement.unbalanced);
      const discontinuous = statements.filter((statement) => statement.discontinuous);
      for (const [kind, expected] of Object.entries({ balance: unbalanced, continuity: discontinuous })) {
        const findings = await eventually(
          () => listAll<{ account: string }>(apiUrl, '/v1/findings', { kind }),
          (found) => found.length >= expected.length,
          10_000,
        );
        expect(findings.map(({ account }) => account).sort(), kind).toEqual(
          expected.map(({ account }) => accounts.get(account)!).sort(),
        );
      }
      expect(unbalanced.length).toBeGreaterThan(5);
      expect(discontinuous.length).toBeGreaterThan(2);
      console.log(
        `${samples.length} files, ${statements.length} statements, ${lines.length} lines, ${unbalanced.length} of the statements do not balance`,
      );
      expect(await up.stop()).toBe(0);
    } finally {
      await up.kill();
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    }
  },
  120_000,
);

function configOf(accounts: ReadonlyMap<string, string>): object {
  return {
    partitions: 4,
    sources: {
      bank: {
        connector: 'mt940',
        path: 'statements',
        zone: 'Europe/Amsterdam',
        accounts: Object.fromEntries(accounts),
      },
      ledger: { connector: 'http-json', zone: 'Europe/Amsterdam', idleTimeout: '10m' },
    },
    reconciliations: [
      {
        name: 'bank-to-ledger',
        left: { sources: ['bank'] },
        right: { sources: ['ledger'] },
        window: { before: '2d', after: '2d', grace: '1d' },
        rules: [{ name: 'by-amount-and-date', keys: ['amount', 'valueDate', 'currency'] }],
      },
    ],
  };
}

/**
 * Posts the book, which is in order of date, as books are. The statements span eighteen years in no order: the book
 * follows when they are all there, so that nothing of theirs falls due before the book has come that far.
 */
async function postLedger(
  apiUrl: string,
  lines: readonly ExpectedLine[],
  accounts: ReadonlyMap<string, string>,
): Promise<void> {
  const records = lines
    .toSorted((a, b) => a.valueDate.localeCompare(b.valueDate))
    .map(({ account, currency, amount, valueDate }, i) => ({
      id: `L${i + 1}`,
      account: accounts.get(account)!,
      amount,
      currency,
      time: valueDate,
      valueDate,
    }));
  const answer = await fetch(`${apiUrl}/v1/records`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source: 'ledger', records }),
    signal: AbortSignal.timeout(30_000),
  });
  expect(await answer.json()).toEqual({ accepted: records.length, deadLetters: [] });
}

function readSample(path: string): Sample {
  const statements = readPlain(readFileSync(path, 'latin1'));
  const parse = path.slice(0, -extname(path).length);
  const lines = existsSync(`${parse}.json`)
    ? readJson(JSON.parse(readFileSync(`${parse}.json`, 'utf8')) as JsonStatement[], statements)
    : readDump(readFileSync(`${parse}.yml`, 'utf8'), statements);
  expect(lines.length, path).toBe(statements.reduce((sum, statement) => sum + statement.lines, 0));
  return { path, statements, lines };
}

/** The lines of a JSON parse, whose balances also check what was cut by hand. */
function readJson(
  parsed: readonly JsonStatement[],
  statements: readonly PlainStatement[],
): readonly ExpectedLine[] {
  const signed = ({ isCredit, value }: JsonBalance): number => (isCredit ? value : -value);
  expect(statements.map(({ account, unbalanced }) => ({ account, unbalanced }))).toEqual(
    parsed.map(({ accountId, openingBalance, closingBalance, transactions }) => {
      const sum = transactions.reduce((total, line) => total + (line.isCredit ? 1 : -1) * line.amount, 0);
      const residual = signed(openingBalance) + sum - signed(closingBalance);
      return { account: accountId, unbalanced: Math.abs(residual) > 0.001 };
    }),
  );
  return parsed.flatMap(({ accountId, transactions }) =>
    transactions.map(({ isCredit, amount, currency, valueDate }) => ({
      account: accountId,
      currency,
      amount: (isCredit ? amount : -amount).toFixed(2),
      valueDate,
    })),
  );
}

/** The lines of a dump of Python objects; it has one list for all statements of the file, in their order. */
function readDump(text: string, statements: readonly PlainStatement[]): readonly ExpectedLine[] {
  const owners = statements.flatMap((statement) => Array.from({ length: statement.lines }, () => statement));
  return text
    .slice(text.search(/^transactions:/m))
    .split(/^- !!python\/object:mt940\.models\.Transaction$/m)
    .slice(1)
    .map((block, i) => ({
      account: owners[i]!.account,
      currency: owners[i]!.currency,
      amount: Number(/Decimal\n\s*- '([^']+)'/.exec(block)![1]).toFixed(2),
      valueDate: pickledDate(block),
    }));
}

/** A date is two bytes of year, month and day, in base 64. */
function pickledDate(block: string): string {
  const found = /^ {4}date: !!python[^\n]*\n\s*- !!binary \|\n\s*(\S+)/m.exec(block);
  const bytes = Buffer.from(found![1]!, 'base64');
  const [month, day] = [bytes[2]!, bytes[3]!].map((part) => part.toString().padStart(2, '0'));
  return `${bytes.readUInt16BE()}-${month!}-${day!}`;
}

/** Reads the few fields that matter here, in the plain dialects that the samples have. */
function readPlain(text: string): PlainStatement[] {
  /** What the last statement of each account closed with. */
  const last = new Map<string, { readonly day: string; readonly balance: number }>();
  return text
    .split(/^(?=:20:)/m)
    .filter((part) => part.startsWith(':20:'))
    .map((part) => {
      const [, opening] = /^:60[FM]:([CD]\d{6}[A-Z]{3}[\d,]+)/m.exec(part)!;
      const [, closing] = /^:62[FM]:([CD]\d{6}[A-Z]{3}[\d,]+)/m.exec(part)!;
      const lines = [...part.matchAll(/^:61:\d{6}(?:\d{4})?([CD])[A-Z]?([\d,]+)/gm)];
      const sum = lines.reduce((total, [, mark, amount]) => total + signedCents(mark!, amount!), 0);
      const balance = (text: string): number => signedCents(text[0]!, text.slice(10));
      const account = /^:25:(.*?)\s*$/m.exec(part)![1]!;
      const before = last.get(account);
      const day = closing!.slice(1, 7);
      const goesOn = before !== undefined && before.day <= day;
      if (before === undefined || goesOn) last.set(account, { day, balance: balance(closing!) });
      return {
        account,
        currency: opening!.slice(7, 10),
        lines: lines.length,
        unbalanced: balance(opening!) + sum !== balance(closing!),
        discontinuous: goesOn && before.balance !== balance(opening!),
      };
    });
}

function signedCents(mark: string, amount: string): number {
  return (mark === 'C' ? 1 : -1) * cents(amount.replace(',', '.'));
}

function cents(amount: string): number {
  return Math.round(Number(amount) * 100);
}

function describeLine({ account, currency, amount, valueDate }: ExpectedLine): string {
  return `${account} ${valueDate} ${amount} ${currency}`;
}
