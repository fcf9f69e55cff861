import { describe, expect, test } from 'vitest';
import { formatDay } from '../../engine/domain/index.ts';
import {
  camtMessage as message,
  detailsText as details,
  entryText as entry,
  statementOf as statement,
} from '../conformance/camt-message.ts';
import { readCamtText as read, recordOfEntry as one } from '../conformance/read-camt.ts';

describe('an entry', () => {
  test('becomes a record with what is known of it', async () => {
    const inside = details(
      `<Refs><MsgId>M1</MsgId><AcctSvcrRef>BANK-1</AcctSvcrRef><PmtInfId>P1</PmtInfId><InstrId>I1</InstrId>` +
        `<EndToEndId>INV-7</EndToEndId><UETR>eb6305c9-1f7f-49de-aed0-16487c27b42d</UETR><TxId>T1</TxId></Refs>` +
        `<RltdPties><Dbtr><Pty><Nm>PAYER</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>AE46</IBAN></Id></DbtrAcct>` +
        `<Cdtr><Pty><Nm>US</Nm></Pty></Cdtr></RltdPties>` +
        `<RltdAgts><DbtrAgt><FinInstnId><BICFI>BANKAEAD</BICFI></FinInstnId></DbtrAgt></RltdAgts>` +
        `<Purp><Cd>SALA</Cd></Purp><RmtInf><Ustrd>one &amp; two</Ustrd><Ustrd>three</Ustrd></RmtInf>`,
    );
    const record = await one(
      entry('12.30', {
        inside: `<AcctSvcrRef>BANK-0</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>${inside}<AddtlNtryInf>Credit</AddtlNtryInf>`,
      }),
      { zone: 'Asia/Dubai' },
    );
    expect(record).toEqual({
      source: 'source',
      id: 'AE070331234567890123456/S1/1',
      account: 'default',
      kind: 'bank',
      status: 'booked',
      currency: 'AED',
      amount: 1230n,
      fee: 0n,
      tax: 0n,
      time: Date.parse('2026-11-20T20:00:00Z'),
      precision: 'day',
      offsetMinutes: 240,
      bookingDate: Date.parse('2026-11-22') / 86_400_000,
      valueDate: Date.parse('2026-11-21') / 86_400_000,
      references: {
        reference: 'INV-7',
        endToEndId: 'INV-7',
        transactionId: 'T1',
        instructionId: 'I1',
        uetr: 'eb6305c9-1f7f-49de-aed0-16487c27b42d',
        messageId: 'M1',
        paymentInformationId: 'P1',
        bankReference: 'BANK-1',
      },
      attributes: {
        message: 'camt.053',
        statement: 'S1',
        transactionCode: 'PMNT/RCDT/ESCT',
        remittance: 'one & two\nthree',
        purpose: 'SALA',
        counterpartyName: 'PAYER',
        counterpartyAccount: 'AE46',
        counterpartyBank: 'BANKAEAD',
        information: 'Credit',
      },
    });
  });

  test.each([
    ['CRDT', false, 'booked', 1000n],
    ['DBIT', false, 'booked', -1000n],
    // By the standard the indicator says how the balance changes, reversal or not.
    ['CRDT', true, 'booked', 1000n],
    ['DBIT', true, 'booked', -1000n],
    ['CRDT', true, 'original', -1000n],
    ['DBIT', true, 'original', 1000n],
    ['DBIT', false, 'original', -1000n],
  ])('%s, reversal %s, reversals: %s', async (indicator, isReversal, reversals, amount) => {
    const inside = isReversal ? '<RvslInd>true</RvslInd>' : '';
    const record = await one(entry('10', { indicator, inside }), { reversals });
    expect([record.amount, record.kind, record.attributes['reversal']]).toEqual([
      amount,
      'bank',
      isReversal ? 'true' : undefined,
    ]);
  });

  test.each([
    ['AED', '10.50000', 1050n],
    ['AED', '.5', 50n],
    ['AED', '+7.', 700n],
    ['KWD', '1.23400', 1234n],
    ['JPY', '2700', 2700n],
    ['JPY', '2700.00000', 2700n],
  ])('%s %s', async (currency, text, amount) => {
    expect((await one(entry(text, { currency }))).amount).toBe(amount);
  });

  test.each([
    ['AED 10.00001', entry('10.00001'), 'invalidAmount', /more than 2 digits/],
    ['JPY 1.5', entry('1.5', { currency: 'JPY' }), 'invalidAmount', /more than 0 digits/],
    ['-10', entry('-10'), 'invalidAmount', /which way it goes is in CdtDbtInd/],
    ['a currency nobody knows', entry('10', { currency: 'XXX' }), 'unknownCurrency', /XXX/],
    [
      'no indicator',
      entry('10').replace(/<CdtDbtInd>.*<\/CdtDbtInd>/, ''),
      'malformedStatement',
      /CdtDbtInd/,
    ],
    ['another indicator', entry('10', { indicator: 'C' }), 'malformedStatement', /neither CRDT nor DBIT/],
    ['no status', entry('10').replace(/<Sts>.*<\/Sts>/, ''), 'malformedStatement', /no status/],
    [
      'two amounts',
      entry('10', { inside: '<Amt Ccy="AED">11</Amt>' }),
      'malformedStatement',
      /Amt more than once/,
    ],
    [
      'two directions',
      entry('10', { inside: '<CdtDbtInd>DBIT</CdtDbtInd>' }),
      'malformedStatement',
      /more than once/,
    ],
    [
      'no date',
      entry('10').replace(/<BookgDt>.*<\/ValDt>/, ''),
      'malformedStatement',
      /neither a value date/,
    ],
    ['30 February', entry('10').replaceAll('2026-11-21', '2026-02-30'), 'invalidTime', /2026-02-30/],
  ])('%s is a dead letter with its input, and the others are records', async (_, content, code, reason) => {
    const { records, dead } = await read(message('053', '08', statement(content + entry('1.00'))));
    expect(records.map(({ id }) => id.split('/').at(-1))).toEqual(['2']);
    expect(dead).toMatchObject([{ code, payload: content, origin: { line: 2 } }]);
    expect(dead[0]!.reason).toMatch(reason);
  });

  test.each([
    ['2026-11-21', '2026-11-20T20:00:00Z', 'day', '2026-11-21'],
    ['2026-11-21+01:00', '2026-11-20T20:00:00Z', 'day', '2026-11-21'],
    ['2026-11-21T01:30:00', '2026-11-20T21:30:00Z', 'instant', '2026-11-21'],
    ['2026-11-21T23:30:00.5+01:00', '2026-11-21T22:30:00.5Z', 'instant', '2026-11-21'],
    ['2026-11-21T23:30:00Z', '2026-11-21T23:30:00Z', 'instant', '2026-11-21'],
  ])('value date %s in Dubai', async (text, time, precision, day) => {
    const tag = text.includes('T') ? 'DtTm' : 'Dt';
    const content = entry('1').replace(
      '<ValDt><Dt>2026-11-21</Dt></ValDt>',
      `<ValDt><${tag}>${text}</${tag}></ValDt>`,
    );
    const record = await one(content, { zone: 'Asia/Dubai' });
    expect([record.time, record.precision, formatDay(record.valueDate!)]).toEqual([
      Date.parse(time),
      precision,
      day,
    ]);
    const booked = await one(content, { time: 'bookingDate' });
    expect(booked.time).toBe(Date.parse('2026-11-22'));
  });

  test('pending and announced ones are pending; what is for information only is passed over, and told', async () => {
    const content = ['BOOK', 'PDNG', 'FUTR', 'INFO'].map((status) => entry('1', { status })).join('');
    const { records, dead, notices } = await read(message('052', '02', statement(content)));
    expect(dead).toEqual([]);
    expect(records.map(({ status }) => status)).toEqual(['booked', 'pending', 'pending']);
    expect(notices).toEqual(['bank.xml: 1 entries of status INFO are passed over, as the source is set']);
    const pending = await read(message('052', '02', statement(content)), { statuses: ['PDNG', 'INFO'] });
    expect(pending.records.map(({ id, status }) => [id.at(-1), status])).toEqual([
      ['2', 'pending'],
      ['4', 'pending'],
    ]);
    expect(pending.balances).toEqual([]);
  });
});
