import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceOf } from '../../engine/testing/rates-source.ts';
import { readRatesOnce } from './read-once.ts';

const rate = (date: string, text: string) => ({ date, from: 'USD', to: 'AED', rate: text });
const CSV = 'date,from,to,rate\n2026-11-20,USD,AED,3.7\n2026-11-21,USD,AED,3.8\nx,USD,AED,1\n';

const server = createServer((request, response) => {
  if (request.url === '/rates.csv') response.end(CSV);
  else if (request.url !== '/silent') response.writeHead(404).end();
});
let base: string;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'counterfoil-read-once-'));
  writeFileSync(join(directory, 'rates.csv'), CSV);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

describe('sources of rates read once', () => {
  it('stand over what their tables begin with, from a file as from an address', async () => {
    for (const source of [{ path: 'rates.csv' }, { url: `${base}/rates.csv` }]) {
      const notices: string[] = [];
      const settings = {
        rates: { cb: [rate('2026-11-19', '3.6'), rate('2026-11-20', '3.6')], other: [] },
        ratesSources: { cb: sourceOf(source) },
        kept: 'as it is',
      };
      const read = await readRatesOnce(settings, directory, (line) => notices.push(line));
      expect(read).toEqual({
        rates: {
          cb: [rate('2026-11-19', '3.6'), rate('2026-11-20', '3.7'), rate('2026-11-21', '3.8')],
          other: [],
        },
        ratesSources: {},
        kept: 'as it is',
      });
      expect(notices).toEqual([expect.stringMatching(/^rates\.cb: \S*rates\.csv: line 4: date "x"/)]);
    }
  });

  it.each([
    [{ path: 'none.csv' }, 'unreadableFile', /^rates\.cb\.source: none\.csv does not exist; correct it, or/],
    [{ url: '/other?key=hidden' }, 'unreadableFile', /^rates\.cb\.source: http:\S+\/other answers 404; /],
    [{ url: '/silent', timeout: 100 }, 'timeout', /^rates\.cb\.source: \S+ did not answer within 100 ms; /],
    [
      { path: 'rates.csv', format: 'json' as const },
      'unreadableFile',
      /^rates\.cb\.source: rates\.csv: it is no JSON/,
    ],
  ])('that cannot be read stop what needs them: %o', async (source, code, message) => {
    const url = 'url' in source ? { url: `${base}${source.url}` } : {};
    const settings = { rates: {}, ratesSources: { cb: sourceOf({ ...source, ...url }) } };
    const failure = (await readRatesOnce(settings, directory, () => undefined).catch(
      (error: unknown) => error,
    )) as Error;
    expect(failure).toMatchObject({ code });
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toContain('hidden');
  });
});
