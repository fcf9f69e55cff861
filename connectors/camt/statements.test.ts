import { describe, expect, test } from 'vitest';
import {
  balanceText as balance,
  camtMessage as message,
  entryText as entry,
  statementOf as statement,
} from '../conformance/camt-message.ts';
import { readCamtText as read } from '../conformance/read-camt.ts';

const IBAN = 'AE070331234567890123456';

describe('messages', () => {
  test.each([
    ['052', '02'],
    ['052', '08'],
    ['053', '02'],
    ['053', '04'],
    ['053', '13'],
    ['054', '02'],
    ['054', '08'],
  ] as const)('camt.%s of version %s', async (kind, version) => {
    const { records } = await read(message(kind, version, statement(entry('1.00'))));
    expect(records).toMatchObject([
      { id: `${IBAN}/S1/1`, amount: 100n, attributes: { message: `camt.${kind}` } },
    ]);
  });

  test.each([
    [
      'with a prefix',
      (xml: string) => xml.replaceAll(/<(\/?)(?=\w)/g, '<$1p:').replace('xmlns=', 'xmlns:p='),
    ],
    [
      'in an envelope',
      (xml: string) => xml.replace('<Document', '<Envelope><Head/><Document').concat('</Envelope>'),
    ],
    ['without namespace', (xml: string) => xml.replace(/ xmlns="[^"]*"/, '')],
    ['without declaration', (xml: string) => xml.replace(/<\?xml.*\?>\n/, '')],
    ['with a byte order mark', (xml: string) => `\ufeff${xml}`],
    ['on lines of their own', (xml: string) => xml.replaceAll('><', '>\r\n  <')],
    [
      'with comments and sections',
      (xml: string) => xml.replace('1.00', '<!-- a -->1.<!-- b --><![CDATA[00]]>'),
    ],
  ])('%s', async (_, change) => {
    const { records, dead } = await read(change(message('053', '08', statement(entry('1.00')))));
    expect(dead).toEqual([]);
    expect(records).toMatchObject([{ amount: 100n }]);
  });

  test('in UTF-8, Latin-1 and by character references', async () => {
    const inside = '<NtryDtls><TxDtls><RmtInf><Ustrd>Empfänger à</Ustrd></RmtInf></TxDtls></NtryDtls>';
    const text = message('053', '08', statement(entry('1', { inside })));
    const referred = text.replace('ä', '&#228;').replace('à', '&#xE0;');
    for (const content of [Buffer.from(text), Buffer.from(text, 'latin1'), Buffer.from(referred)]) {
      expect((await read(content)).records[0]!.attributes['remittance']).toBe('Empfänger à');
    }
  });

  test('only those that the source is set to; how many entries are passed over is told', async () => {
    const content = message('054', '08', statement(entry('1.00')));
    const { items, notices } = await read(content, { messages: ['camt.053'] });
    expect(items).toEqual([]);
    expect(notices).toEqual([
      'bank.xml: 1 entries of camt.054 messages are passed over, as the source is set',
    ]);
  });
});

describe('ids', () => {
  test('count through a statement; pages of one statement count each for itself', async () => {
    const page = (number: number): string =>
      `<StmtPgntn><PgNb>${number}</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>`;
    const { records } = await read(
      message(
        '053',
        '02',
        statement(entry('1') + entry('1'), { header: page(1) }),
        statement(entry('1'), { header: page(2) }),
        statement(entry('1'), { id: 'S2', balances: balance('OPBD', '0') + balance('CLBD', '1') }),
      ),
    );
    expect(records.map(({ id }) => id)).toEqual([
      `${IBAN}/S1/1`,
      `${IBAN}/S1/2`,
      `${IBAN}/S1/2-1`,
      `${IBAN}/S2/2026-11-22/1`,
    ]);
  });

  test('can be the bank’s references, so that an entry which reports repeat is one record', async () => {
    const first = entry('1', { inside: '<AcctSvcrRef>A</AcctSvcrRef>' });
    const reports = message('052', '08', statement(first), statement(first + entry('2'), { id: 'S2' }));
    const { records, balances } = await read(reports, { ids: 'bankReference' });
    expect(records.map(({ id }) => id)).toEqual([`${IBAN}/A`, `${IBAN}/A`, `${IBAN}/S2/2`]);
    expect(balances).toEqual([]);
  });

  test('an entry of a statement without identification or account is a dead letter', async () => {
    const content = message('053', '08', statement(entry('1')).replace('<Id>S1</Id>', ''), entry('1'));
    const { records, dead } = await read(content);
    expect(records).toEqual([]);
    expect(dead.map(({ code, reason }) => [code, reason])).toEqual([
      ['malformedStatement', 'the statement has no identification (Id)'],
      ['malformedStatement', 'the statement names no account (Acct/Id)'],
    ]);
  });

  test('accounts come from the map of what the statement says', async () => {
    const content = message('053', '08', statement(entry('1')), statement(entry('1'), { account: 'OTHER' }));
    const { records, dead } = await read(content, { accounts: { [IBAN]: 'main' } });
    expect(records.map(({ account }) => account)).toEqual(['main']);
    expect(dead).toMatchObject([{ code: 'unknownAccount' }]);
  });
});

describe('balances', () => {
  const balanced = (opening: string, closing: string, day = '2026-11-22'): string =>
    balance('OPBD', opening) + balance('CLBD', closing, day) + balance('CLAV', '5');

  test('are told with the statement, and checked: pending entries are no part of them', async () => {
    const entries = entry('10') + entry('4', { indicator: 'DBIT' }) + entry('99', { status: 'PDNG' });
    const { balances, findings } = await read(
      message('053', '02', statement(entries, { balances: balanced('-1.50', '4.50') })),
    );
    expect(findings).toEqual([]);
    expect(balances).toMatchObject([
      { name: `${IBAN}/S1/2026-11-22`, page: 1, currency: 'AED', opening: -150, closing: 450, day: 20_779 },
    ]);
  });

  test('that entries do not lead to are a finding with the difference', async () => {
    const { findings, records } = await read(
      message(
        '053',
        '02',
        statement(entry('10') + entry('1', { currency: 'XXX' }), { balances: balanced('1', '12') }),
      ),
    );
    expect(records).toHaveLength(1);
    expect(findings).toMatchObject([
      {
        kind: 'balance',
        amount: -100,
        message: `bank.xml:2: statement ${IBAN}/S1/2026-11-22: opening 1.00 + lines 10.00 is not closing 12.00 AED: -1.00 over; 1 of its lines could not be read`,
      },
    ]);
  });

  test('of interim reports: the first opens, the last closes, and none of it is final', async () => {
    const balances = balance('ITBD', '1') + balance('ITBD', '11');
    const found = await read(message('052', '08', statement(entry('10'), { balances })));
    expect(found.findings).toEqual([]);
    expect(found.balances).toMatchObject([{ opening: 100, closing: 1100, name: `${IBAN}/S1` }]);
    expect(found.progress).toEqual([]);
  });

  test('a statement that does not open with what the one before closed with is a finding', async () => {
    const days = [
      statement(entry('10'), { id: 'S1', balances: balanced('0', '10', '2026-11-20') }),
      statement(entry('10'), { id: 'S3', balances: balanced('15', '25', '2026-11-22') }),
      statement(entry('10'), { id: 'S3', balances: balanced('15', '25', '2026-11-22') }),
    ];
    const { findings } = await read(message('053', '08', ...days));
    expect(findings.map(({ amount, message: text }) => [amount, text])).toEqual([
      [
        500,
        `bank.xml:2: statement ${IBAN}/S3/2026-11-22: opens with 15.00 AED, but statement ${IBAN}/S1/2026-11-20 before it closed with 10.00; is one between them missing?`,
      ],
    ]);
  });

  test('progress is the earliest final day, where everything could be read', async () => {
    const first = statement(entry('10'), { balances: balanced('0', '10', '2026-11-22') });
    const second = statement(entry('10'), { account: 'X', balances: balanced('0', '10', '2026-11-21') });
    expect((await read(message('053', '08', first, second))).progress).toEqual([Date.parse('2026-11-21')]);
    const accounts = { [IBAN]: 'a', X: 'b' };
    expect((await read(message('053', '08', first), { accounts })).progress).toEqual([]);
    expect((await read(message('053', '08', first, statement(entry('x'))))).progress).toEqual([]);
  });
});
