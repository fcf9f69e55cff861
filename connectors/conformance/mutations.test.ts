import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CounterfoilError, exponentOf } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import { Random } from '../../engine/testing/random.ts';
import { CONNECTORS } from '../registry.ts';
import {
  explainEntry,
  explainLine,
  explainPosted,
  explainReportRow,
  explainRow,
  explainStatementLine,
  explainTransfer,
} from './explain.ts';
import type { Explain } from './explain.ts';
import { readBatches, sourceOf, temporaryFolder } from './harness.ts';
import { CONFORMANCE_CASES } from './samples.ts';
import { TRANSFER_MESSAGES, TRANSFER_PIECES } from './transfer-messages.ts';

/** Set for the long run: `MUTATIONS=100000 npx vitest run --project unit connectors/conformance/mutations.test.ts`. */
const WANTED = Number(process.env['MUTATIONS'] ?? 0);
const RUNS = WANTED > 0 ? WANTED : 3000;
const TIME_LIMIT_MS = WANTED > 0 ? 3_600_000 : 5000;
/** Files read at the same time. */
const AT_ONCE = 16;

interface Sample {
  /** Good inputs with every sign and form that the format has. */
  readonly inputs: readonly string[];
  /** What a mutation puts in, besides any byte. */
  readonly pieces: readonly string[];
  readonly explain: Explain;
}

const ROWS = ['1.00', '-2.50', '+3', '"4.05"', ' -5.5 ', '0', '-0.01', '1234567.89'].map(
  (amount, n) => `p${n},"a ""note"", ${n}",${amount},${n % 3 === 0 ? 'KWD' : 'AED'},2026-11-2${n},1,x\n`,
);
const CSV = `id,attributes.note,amount,currency,time,attributes.n,reference\n${ROWS.join('')}`;

const LINES = ['C1,00', 'D2,5', 'RC3,', 'RD4,05', 'EC5,5', 'ED6,66', 'CD7,77', 'DR8,00', 'C0,01'].map(
  (content, n) =>
    `:61:26112${n}${n % 2 === 0 ? `112${n}` : ''}${content}NTRFREF${n}//BANK${n}\n${n % 3 === 0 ? 'SUPPLEMENT\n' : ''}:86:/NAME/SOMEONE/REMI/D100,00 C99,\n:20 text\n`,
);
const MT940 = [
  `:20:A\n:25:AE0703\n:28C:1\n:60F:C261120AED10,00\n${LINES.slice(0, 5).join('')}:62F:C261129AED0,00\n-\n`,
  `:20:B\n:25:AE0703\n:28C:2\n:60F:D261120USD10,00\n${LINES.slice(5).join('')}:62F:D261129USD0,00\n-\n`,
].join('');

const MT942 = [
  `:20:A\n:25:AE0703\n:28C:1\n:34F:AEDD10,\n:34F:AEDC10,\n:13D:2611221430+0400\n${LINES.slice(0, 5).join('')}:90D:2AED5,5\n:90C:3AED10,\n-\n`,
  `:20:B\n:25:AE0703\n:28C:2\n:34F:USD0,\n:13D:2611221830+0400\n${LINES.slice(5).join('')}:90D:1USD1,\n:86:SUM\n-\n`,
].join('');

const camtEntry = (n: number, indicator: string, inside = ''): string =>
  `<Ntry>\n<NtryRef>${n}</NtryRef><Amt Ccy="${n % 2 === 0 ? 'AED' : 'KWD'}">${n}.5${n % 3 === 0 ? '000' : ''}</Amt>\n` +
  `<CdtDbtInd>${indicator}</CdtDbtInd><RvslInd>${n % 3 === 0}</RvslInd><Sts>${n % 4 === 0 ? '<Cd>PDNG</Cd>' : 'BOOK'}</Sts>` +
  `<BookgDt><Dt>2026-11-2${n}</Dt></BookgDt><ValDt><DtTm>2026-11-2${n}T10:00:00+04:00</DtTm></ValDt>\n${inside}</Ntry>\n`;
const part = (n: number, amount: string): string =>
  `<TxDtls><Refs><EndToEndId>E${n} &amp; é</EndToEndId></Refs><Amt Ccy="AED">${amount}</Amt>\n<CdtDbtInd>DBIT</CdtDbtInd></TxDtls>\n`;
const CAMT = [
  `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">\n<BkToCstmrStmt>`,
  `<GrpHdr><MsgId>M</MsgId></GrpHdr>\n<Stmt><Id>S1</Id><Acct><Id><IBAN>AE0703</IBAN></Id></Acct>\n`,
  ...['OPBD', 'CLBD'].map(
    (type) =>
      `<Bal><Tp><CdOrPrtry><Cd>${type}</Cd></CdOrPrtry></Tp><Amt Ccy="AED">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-22</Dt></Dt></Bal>\n`,
  ),
  ...[1, 2, 3, 4].map((n) => camtEntry(n, n % 2 === 0 ? 'CRDT' : 'DBIT')),
  '</Stmt>\n<Stmt><Id>S2</Id><Acct><Id><Othr><Id>X</Id></Othr></Id></Acct>\n<!-- a comment -->\n',
  camtEntry(6, 'DBIT', `<NtryDtls><Btch/>${part(1, '4.25')}${part(2, '2.25')}</NtryDtls>`),
  camtEntry(8, 'CRDT', `<NtryDtls>${part(3, '8.5')}</NtryDtls>`),
  '</Stmt></BkToCstmrStmt>\n</Document>\n',
].join('');

const POSTED = JSON.stringify({
  records: ['1.00', '-2.50', '+3', '0', '-0.01', '1234567.89'].map((amount, n) => ({
    id: `p${n}`,
    amount,
    currency: 'AED',
    time: '2026-11-22T10:00:00Z',
    attributes: { note: '-9.99' },
  })),
});

const stlRow = (n: number): string =>
  `"SB","TX${n}","INV ""${n}""","P${n}","TXN","${['T0006', 'T1107', 'T0400'][n % 3]!}",2026/11/22 10:00:0${n} -0700,` +
  `"${n % 2 === 0 ? 'CR' : 'DR'}",${n}50,"${['USD', 'JPY', 'HUF'][n % 3]!}","DR",${n},"${['USD', 'JPY', 'HUF'][n % 3]!}"\n`;
const STL = [
  '"RH",2026/11/23 02:44:19 -0700,"A","ACCOUNT",009,\n"FH",01\n',
  ...[1, 2].flatMap((section) => [
    `"SH",2026/11/22 00:00:00 -0700,2026/11/22 23:59:59 -0700,"ACCOUNT${section}",""\n`,
    '"CH","Transaction ID","Invoice ID","PayPal Reference ID","PayPal Reference ID Type","Transaction Event Code",',
    '"Transaction Initiation Date","Transaction  Debit or Credit","Gross Transaction Amount","Gross Transaction Currency",',
    '"Fee Debit or Credit","Fee Amount","Fee Currency"\n',
    ...[1, 2, 3, 4, 5].map(stlRow),
    '"SF","USD",750,150,0,9,"CR",0,"CR",0\n"SC",5\n',
  ]),
  '"RF",10\n"RC",10\n"FF",10\n',
].join('');

const NDJSON = ['1.00', '-2.50', '"+3"', '"4.05"', '-5.5', '0', '-0.01', '1234567.89']
  .map(
    (amount, n) =>
      `{"id":"p${n}","more":{"amount":-9.99,"note":"a \\"note\\" é"},"amount":${amount},"currency":"${n % 3 === 0 ? 'KWD' : 'AED'}","time":"2026-11-2${n}"}\n`,
  )
  .join('');

const SAMPLES: { readonly [connector: string]: Sample } = {
  csv: {
    inputs: [CSV, CSV.replaceAll('\n', '\r\n'), CSV.replaceAll(',', ';')],
    pieces: [
      '"',
      '""',
      '\n',
      '\r',
      '\r\n',
      ',',
      ';',
      '-',
      '+',
      '.',
      '0',
      '9',
      'é',
      ' ',
      '\t',
      '\0',
      'amount',
    ],
    explain: explainRow,
  },
  mt940: {
    inputs: [MT940, MT940.replaceAll('\n', '\r\n')],
    pieces: [
      ...[':', ':61:', ':20:', ':25:X', ':62F:', ':62F:C261122AED1,00', ':60M:', ':86:', '-}', '{1:', '{4:'],
      ...['\n', '\r', ',', '.', '-', 'C', 'D', 'R', 'E', 'RC', 'RD', 'ED', 'X', '0', '9', ' ', 'é', '\n-\n'],
    ],
    explain: explainStatementLine,
  },
  mt942: {
    inputs: [MT942, MT942.replaceAll('\n', '\r\n')],
    pieces: [
      ...[
        ':',
        ':61:',
        ':20:',
        ':25:X',
        ':13D:',
        ':34F:',
        ':34F:EUR5,',
        ':90D:',
        ':90C:1AED5,',
        ':62F:',
        ':86:',
        '-}',
        '{1:',
        '{4:',
      ],
      ...['\n', '\r', ',', '.', '-', 'C', 'D', 'R', 'E', 'RC', 'RD', 'ED', 'X', '0', '9', ' ', 'é', '\n-\n'],
    ],
    explain: explainStatementLine,
  },
  mt103: {
    inputs: [TRANSFER_MESSAGES, TRANSFER_MESSAGES.replaceAll('\n', '\r\n')],
    pieces: TRANSFER_PIECES,
    explain: explainTransfer,
  },
  camt: {
    inputs: [
      CAMT,
      CAMT.replaceAll('\n', '\r\n'),
      CAMT.replaceAll(/<(\/?)(?=\w)/g, '<$1n:').replace('xmlns=', 'xmlns:n='),
    ],
    pieces: [
      ...[
        '<',
        '>',
        '</',
        '/>',
        '&',
        '&amp;',
        '&x;',
        '"',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '<!DOCTYPE a>',
        '<?x?>',
      ],
      ...[
        '<Ntry>',
        '</Ntry>',
        '<Amt Ccy="AED">7',
        '</Amt>',
        '<Stmt>',
        '</Stmt>',
        'CRDT',
        'DBIT',
        'PDNG',
        'KWD',
        'AED',
      ],
      ...['-', '+', '.', '0', '00', '9', ' ', '\n', '\r', '\0', 'é', '<x/>', '<x>', '</x>', 'true', 'false'],
    ],
    explain: explainEntry,
  },
  'paypal-report': {
    inputs: [STL, STL.replaceAll('\n', '\r\n')],
    pieces: [
      ...['"', '""', '","', ',', '\n', '\r', '-', '+', '.', '0', '9', ' ', 'é', '\0', '\t'],
      ...[
        'CR',
        'DR',
        'SB',
        'CH',
        'SH',
        'FF',
        'HUF',
        'JPY',
        'T0400',
        '"Gross Transaction Amount",',
        '2026/13/40 ',
      ],
    ],
    explain: explainReportRow,
  },
  ndjson: {
    inputs: [NDJSON, NDJSON.replaceAll('\n', '\r\n')],
    pieces: [
      ...['"', '{', '}', '[', ']', ',', ':', '-', '+', '.', '0', '9', 'e', '\\', '\n', '\r', ' ', '\0', 'é'],
      ...['null', 'true', '1e2', '"amount":7', '"amount":"-7.00",', '{"amount":8},', '\uFEFF'],
    ],
    explain: explainLine,
  },
  'http-json': {
    inputs: [POSTED],
    pieces: [
      '"',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '-',
      '+',
      '.',
      '0',
      '9',
      'e',
      'null',
      '\\',
      '"amount":"7.00",',
    ],
    explain: explainPosted,
  },
};

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

/** Damages an input at one to four places: bytes lost, put in, doubled, or a line moved. */
function damaged(input: string, pieces: readonly string[], random: Random): Buffer {
  let bytes = Buffer.from(input);
  for (let n = random.integer(1, 4); n > 0; n--) {
    const at = random.integer(0, bytes.length);
    const to = Math.min(bytes.length, at + random.integer(0, random.integer(0, 5) === 0 ? 120 : 3));
    const [before, cut, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
    const put =
      random.integer(0, 4) === 0
        ? Buffer.from(Array.from({ length: random.integer(1, 4) }, () => random.integer(0, 255)))
        : Buffer.from(random.pick(pieces));
    switch (random.integer(0, 4)) {
      case 0:
        bytes = Buffer.concat([before, after]);
        break;
      case 1:
        bytes = Buffer.concat([before, put, after]);
        break;
      case 2:
        bytes = Buffer.concat([before, put, cut, after]);
        break;
      case 3:
        bytes = Buffer.concat([before, cut, cut, after]);
        break;
      default: {
        const lines = bytes.toString('latin1').split('\n');
        lines.splice(
          random.integer(0, lines.length - 1),
          0,
          ...lines.splice(random.integer(0, lines.length - 1), 1),
        );
        bytes = Buffer.from(lines.join('\n'), 'latin1');
      }
    }
  }
  return bytes;
}

/** What every item has to be, whatever the input was. */
function check(items: readonly Translated[], input: Buffer, explain: Explain): void {
  for (const item of items) {
    if (item.type === 'record') {
      const { record, origin } = item;
      exponentOf(record.currency);
      const explained = explain(input, record, origin);
      // Only what is wrong is asserted: there are very many records, and an assertion takes its time.
      if (explained !== record.amount)
        expect({ origin, explained }).toEqual({ origin, explained: record.amount });
      if (record.id === '' || !Number.isInteger(record.time))
        expect.unreachable(`no id or time at ${origin.offset}`);
      if (!Number.isSafeInteger(Number(record.amount)))
        expect.unreachable(`${record.amount} is beyond a frame`);
      if (origin.line === undefined) continue;
      const newline = input.includes('\n') ? '\n' : '\r';
      const line = input.toString('latin1', 0, origin.offset).split(newline).length;
      if (line !== origin.line) expect(origin.line).toBe(line);
    } else if (item.type === 'deadLetter') {
      expect(item.deadLetter.reason).toMatch(/^.+$/);
      expect(Buffer.byteLength(item.deadLetter.payload)).toBeLessThanOrEqual(65_536);
    } else if (item.type === 'finding') {
      expect(Number.isSafeInteger(item.finding.amount)).toBe(true);
    }
  }
}

/** Those that are given their input. */
const READERS = CONNECTORS.filter(({ capabilities }) => capabilities.files || capabilities.push);

describe.each(READERS.map(({ name }) => name))('%s', (name) => {
  const { inputs, pieces, explain } = SAMPLES[name]!;
  const source = sourceOf(name, CONFORMANCE_CASES[name]!.settings);

  async function take(input: Buffer, slot: number): Promise<Translated[] | undefined> {
    if (source.connector.capabilities.files) {
      const path = join(folder.path, `${name}-${slot}`);
      await writeFile(path, input);
      return (await readBatches(source, path)).flat();
    }
    try {
      return source.translate(JSON.parse(input.toString()));
    } catch (error) {
      // What is no JSON does not reach a connector.
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  test('reads its samples as they are', async () => {
    for (const input of inputs) {
      const items = (await take(Buffer.from(input), 0))!;
      expect(items.filter((item) => item.type === 'deadLetter')).toEqual([]);
      expect(items.filter((item) => item.type === 'record').length).toBeGreaterThan(5);
      check(items, Buffer.from(input), explain);
    }
  });

  test(
    'makes of any damaged input records with the amount and sign at their origin, dead letters or one error',
    async () => {
      const seed = Number(process.env['MUTATION_SEED'] ?? Date.now() % 2 ** 31);
      const random = new Random(seed);
      const started = performance.now();
      const counts = { runs: 0, records: 0, dead: 0, refused: 0 };
      const one = async (input: Buffer, slot: number): Promise<void> => {
        counts.runs++;
        try {
          const items = (await take(input, slot)) ?? [];
          check(items, input, explain);
          for (const { type } of items) {
            if (type === 'record') counts.records++;
            if (type === 'deadLetter') counts.dead++;
          }
        } catch (error) {
          // Only what says that the whole file cannot be read.
          if (!(error instanceof CounterfoilError) || error.code !== 'invalidConfig') {
            throw new Error(`seed ${seed}: ${JSON.stringify(input.toString('latin1'))}`, { cause: error });
          }
          counts.refused++;
        }
      };
      while (counts.runs < RUNS && performance.now() - started < TIME_LIMIT_MS) {
        const mutants = Array.from({ length: AT_ONCE }, () => damaged(random.pick(inputs), pieces, random));
        await Promise.all(mutants.map(one));
      }
      const { runs, records, dead, refused } = counts;
      const cut = runs < RUNS ? `, cut from ${RUNS} after ${TIME_LIMIT_MS} ms` : '';
      process.stdout.write(
        `${name}: ${runs} mutations${cut}, seed ${seed}: ${records} records, ${dead} dead letters, ${refused} files refused\n`,
      );
      expect(runs).toBeGreaterThan(200);
      expect(records).toBeGreaterThan(runs / 2);
      expect(dead).toBeGreaterThan(runs / 20);
    },
    TIME_LIMIT_MS + 20_000,
  );
});
