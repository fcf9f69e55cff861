import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Zone } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import {
  camtMessage as message,
  detailsText as details,
  entryText as entry,
  statementOf as statement,
} from '../conformance/camt-message.ts';
import { temporaryFolder } from '../conformance/harness.ts';
import { readCamtText as read, recordOfEntry as one } from '../conformance/read-camt.ts';
import { sortItems } from '../conformance/sorted-items.ts';
import { Accounts } from '../contract/index.ts';
import { camt, readCamt } from './index.ts';

describe('charges', () => {
  const charge = (amount: string, included?: boolean): string =>
    `<Chrgs><TtlChrgsAndTaxAmt Ccy="AED">${amount}</TtlChrgsAndTaxAmt><Rcrd><Amt Ccy="AED">${amount}</Amt>` +
    `<CdtDbtInd>DBIT</CdtDbtInd>${included === undefined ? '' : `<ChrgInclInd>${included}</ChrgInclInd>`}</Rcrd></Chrgs>`;
  const instructed = (amount: string): string =>
    details(`<AmtDtls><InstdAmt><Amt Ccy="AED">${amount}</Amt></InstdAmt></AmtDtls>`);

  test.each([
    ['included in a credit', 'CRDT', charge('10', true), [100_000n, 1000n, undefined]],
    ['included in a debit', 'DBIT', charge('10', true), [-98_000n, 1000n, undefined]],
    ['beside a credit', 'CRDT', charge('10', false), [99_000n, 0n, '10 AED']],
    [
      'included, as the instructed amount shows',
      'CRDT',
      charge('10') + instructed('1000'),
      [100_000n, 1000n, undefined],
    ],
    ['nobody says', 'CRDT', charge('10') + instructed('990'), [99_000n, 0n, '10 AED']],
    ['in another currency', 'CRDT', charge('10', true).replaceAll('AED', 'USD'), [99_000n, 0n, '10 USD']],
  ])('%s', async (_, indicator, inside, [amount, fee, stated]) => {
    const record = await one(entry('990.00', { indicator, inside }));
    expect([record.amount, record.fee, record.attributes['charges']]).toEqual([amount, fee, stated]);
  });

  test('of version 02, with tax', async () => {
    const inside =
      '<Chrgs><Amt Ccy="AED">10.00</Amt><Tax><Amt Ccy="AED">0.50</Amt></Tax></Chrgs>' + instructed('1000.50');
    const { records } = await read(message('053', '02', statement(entry('990.00', { inside }))));
    expect(records.map(({ amount, fee, tax }) => [amount, fee, tax])).toEqual([[100_050n, 1000n, 50n]]);
  });

  test('what the payer was asked for in another currency is the original', async () => {
    const inside = details(
      '<AmtDtls><InstdAmt><Amt Ccy="USD">270.00</Amt><CcyXchg><XchgRate>3.6725</XchgRate></CcyXchg></InstdAmt></AmtDtls>',
    );
    const record = await one(entry('990.00', { indicator: 'DBIT', inside }));
    expect(record.original).toEqual({ amount: -27_000n, currency: 'USD' });
    expect(record.attributes['exchangeRate']).toBe('3.6725');
  });
});

describe('a batch booking', () => {
  const part = (amount: string, indicator?: string, field = ['<Amt Ccy="AED">', '</Amt>']): string =>
    `<TxDtls><Refs><EndToEndId>E${amount}</EndToEndId></Refs>${field[0]!}${amount}${field[1]!}` +
    `${indicator === undefined ? '' : `<CdtDbtInd>${indicator}</CdtDbtInd>`}</TxDtls>`;
  const batch = (parts: string): string =>
    `<NtryDtls><Btch><PmtInfId>P1</PmtInfId><NbOfTxs>2</NbOfTxs></Btch>${parts}</NtryDtls>`;
  const transactionAmount = ['<AmtDtls><TxAmt><Amt Ccy="AED">', '</Amt></TxAmt></AmtDtls>'];

  test.each([
    ['with amounts', part('60') + part('40'), [6000n, 4000n]],
    ['with one going back', part('160', 'CRDT') + part('60', 'DBIT'), [16_000n, -6000n]],
    ['as the other side sees it', part('60', 'DBIT') + part('40', 'DBIT'), [6000n, 4000n]],
    [
      'of version 02',
      part('60', undefined, transactionAmount) + part('40', undefined, transactionAmount),
      [6000n, 4000n],
    ],
  ])('%s becomes its transactions', async (_, parts, amounts) => {
    const { records, findings, dead } = await read(
      message('053', '04', statement(entry('100', { inside: batch(parts) }) + entry('1'))),
    );
    expect([findings, dead]).toEqual([[], []]);
    expect(records.map(({ amount }) => amount)).toEqual([...amounts, 100n]);
    expect(records.map(({ id }) => id.split('/').at(-1))).toEqual(['1.1', '1.2', '2']);
    expect(records[0]!.references).toMatchObject({
      paymentInformationId: 'P1',
      endToEndId: records[0]!.references['reference'],
    });
  });

  test.each([
    [
      'whose amounts do not add up',
      part('60') + part('41'),
      100,
      /2 transactions come to 101.00 AED, not to 100.00/,
    ],
    [
      'in another currency',
      part('60') + part('40', undefined, ['<Amt Ccy="USD">', '</Amt>']),
      0,
      /has an amount in AED/,
    ],
    ['without amounts', '<TxDtls/><TxDtls/>', 0, /has an amount in AED/],
  ])('%s stays one record, with a finding before it', async (_, parts, amount, why) => {
    const { records, items } = await read(
      message('053', '04', statement(entry('100', { inside: batch(parts) }))),
    );
    expect(records.map((record) => [record.amount, record.attributes['batchCount']])).toEqual([
      [10_000n, '2'],
    ]);
    expect(items[0]).toMatchObject({
      type: 'finding',
      finding: {
        kind: 'balance',
        recordId: records[0]!.id,
        amount,
        message: expect.stringMatching(why) as string,
      },
    });
  });

  test('that is larger than can be held stays one record', async () => {
    const content = message('053', '04', statement(entry('100', { inside: batch(part('60') + part('40')) })));
    const folder = await temporaryFolder();
    onTestFinished(folder.remove);
    const path = join(folder.path, 'large');
    await writeFile(path, content);
    const context = {
      source: 's',
      zone: new Zone('UTC'),
      accounts: new Accounts({}),
      notice: () => undefined,
      file: 'f',
    };
    const items: Translated[] = [];
    for await (const batch of readCamt(path, context, camt.settings.parse({ path }), 100))
      items.push(...batch);
    const { records, findings } = sortItems(items);
    expect(records.map(({ amount }) => amount)).toEqual([10_000n]);
    expect(findings[0]!.message).toMatch(/2 transactions are more than can be held/);
  });

  test('one transaction is its entry', async () => {
    const record = await one(entry('100', { inside: batch(part('99')) }));
    expect([record.amount, record.references['endToEndId']]).toEqual([10_000n, 'E99']);
  });
});
