import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readContent, sourceOf, temporaryFolder } from '../conformance/harness.ts';
import { sortItems } from '../conformance/sorted-items.ts';
import { statementText } from '../conformance/statement-text.ts';
import { mt940 } from './index.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

const read = async (content: string) =>
  sortItems(await readContent(sourceOf('mt940', { path: 'x' }), folder.path, content, 'bank.sta'));

const first = statementText([':61:2611211121C5,00NTRFA'], 'C261121AED1005,00', '7');

describe('one statement after the other', () => {
  test('opens with what the one before closed with, or it is a finding before its records', async () => {
    const next = statementText([':61:2611221122C5,00NTRFA'], 'C261122AED1010,00', '8', 'C261121AED1005,00');
    expect((await read(`${first}\n${next}`)).findings).toEqual([]);
    const after = statementText([':61:2611231123C5,00NTRFA'], 'C261123AED1025,00', '9', 'C261122AED1020,00');
    const { findings, items } = await read(`${first}\n${after}`);
    expect(findings).toMatchObject([
      {
        kind: 'continuity',
        amount: 1500,
        message:
          'bank.sta:8: statement AE070331234567890123456/9/2026-11-23: opens with 1020.00 AED, but statement AE070331234567890123456/7/2026-11-21 before it closed with 1005.00; is one between them missing?',
      },
    ]);
    expect(items.map(({ type }) => type)).toEqual([
      'balance',
      'record',
      'finding',
      'balance',
      'record',
      'progress',
    ]);
  });

  test('pages of one statement go on from each other', async () => {
    const page = (opening: string, closing: string): string =>
      `:20:A\n:25:X\n:28C:1\n:${opening}\n:61:261121C5,00NTRFA\n:${closing}\n`;
    const pages =
      page('60F:C261121AED0,', '62M:C261121AED5,') + page('60M:C261121AED5,', '62F:C261121AED10,');
    expect((await read(pages + pages)).findings).toEqual([]);
    const broken =
      page('60F:C261121AED0,', '62M:C261121AED5,') + page('60M:C261121AED6,', '62F:C261121AED11,');
    expect((await read(broken)).findings).toMatchObject([{ amount: 100 }]);
  });

  test('other accounts, currencies and earlier days are not compared', async () => {
    const other = first.replace(':25:AE07', ':25:BE07').replaceAll('AED', 'KWD');
    const earlier = statementText([], 'C261119AED3,00', '5', 'C261118AED3,00');
    expect((await read(`${first}\n${other}\n${earlier}`)).findings).toEqual([]);
  });
});

describe('one statement twice', () => {
  test('the same is the same records', async () => {
    const { records, dead, findings } = await read(`${first}\n${first}`);
    expect([dead, findings]).toEqual([[], []]);
    expect(records[1]).toEqual(records[0]);
  });

  test('other lines under the same account, number and date are dead letters, and nothing of them is a record', async () => {
    const other = statementText(
      [':61:2611211121C4,00NTRFB', ':61:2611211121C1,00NTRFC'],
      'C261121AED1005,00',
      '7',
    );
    const { records, dead, progress } = await read(`${first}\n${other}`);
    expect(records).toHaveLength(1);
    expect(progress).toEqual([]);
    expect(dead.map(({ code, origin }) => [code, origin.line])).toEqual([
      ['statementConflict', 12],
      ['statementConflict', 13],
    ]);
    expect(dead[0]!.reason).toMatch(/stands at line 1, and its lines or balances differ/);
  });

  test('in another file, other lines are refused by their ids', () => {
    expect(mt940.settings.parse({ path: 'x' }).onIdReuse).toBe('reject');
  });
});
