import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Zone } from '../../engine/domain/index.ts';
import type { Translated } from '../../engine/domain/index.ts';
import { temporaryFolder } from '../conformance/harness.ts';
import { statementText } from '../conformance/statement-text.ts';
import { Accounts } from '../contract/index.ts';
import type { FileContext } from '../contract/index.ts';
import { mt940, readMt940 } from './index.ts';
import type { StatementLimits } from './raw-statement.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => (folder = await temporaryFolder()));
afterAll(() => folder.remove());

describe('a statement that is larger than the limits', () => {
  const lines = Array.from({ length: 30 }, (_, n) => `:61:261122C1,00NTRFR${n}`);
  const large = statementText(
    [...lines, ':86:text', ':20:NOT A STATEMENT', ':62F:NOT A BALANCE', ...lines],
    'C261122AED1060,00',
    '1',
  );
  const small = statementText([':61:261122C1,00NTRFA'], 'C261122AED1001,00', '2');

  async function readBounded(text: string, limits: StatementLimits): Promise<Translated[]> {
    const path = join(folder.path, 'bounded');
    await writeFile(path, text);
    const context: FileContext = {
      source: 'source',
      zone: new Zone('UTC'),
      accounts: new Accounts({}),
      notice: () => undefined,
      file: 'bank.sta',
    };
    const items: Translated[] = [];
    const settings = mt940.settings.parse({ path });
    for await (const batch of readMt940(path, context, settings, limits)) items.push(...batch);
    return items;
  }

  test.each([
    ['bytes', { bytes: 500, lines: 1e9 }],
    ['lines', { bytes: 1e9, lines: 20 }],
  ])('in %s is one dead letter as a whole, and reading goes on with the next', async (_, limits) => {
    const items = await readBounded(`${small}\n${large}\n${small}\n`, limits);
    expect(items.map((item) => item.type)).toEqual(['balance', 'record', 'deadLetter', 'balance', 'record']);
    expect(items[2]).toMatchObject({
      deadLetter: {
        code: 'malformedStatement',
        origin: { file: 'bank.sta', line: 8 },
        reason: expect.stringMatching(/larger than.*shorter periods/) as string,
        payload: expect.stringContaining(':25:AE070331234567890123456') as string,
      },
    });
  });

  test('without its end, or before one without :20:', async () => {
    const limits = { bytes: 500, lines: 1e9 };
    const cut = large.slice(0, large.indexOf(':62F:C'));
    expect((await readBounded(cut, limits)).map((item) => item.type)).toEqual(['deadLetter']);
    const next = small.replace(':20:REF\n', '');
    const items = await readBounded(`${large.replace(/\n-$/, '')}\n${next}\n`, limits);
    expect(items.map((item) => item.type)).toEqual(['deadLetter', 'balance', 'record']);
  });

  test('takes its later pages with it, because their ids count on from it', async () => {
    const page = large.replace(':62F:C', ':62M:C');
    const later = small.replace(':28C:2', ':28C:1').replace(':60F:', ':60M:');
    const items = await readBounded(`${page}\n${later}\n${small}\n`, { bytes: 500, lines: 1e9 });
    expect(items.map((item) => item.type)).toEqual(['deadLetter', 'deadLetter', 'balance', 'record']);
    expect(items[1]).toMatchObject({
      deadLetter: { reason: expect.stringMatching(/page before it \(line 1\)/) as string },
    });
  });
});
