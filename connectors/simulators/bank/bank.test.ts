import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../engine/domain/index.ts';
import { readBatches, sourceOf } from '../../conformance/harness.ts';
import { sortItems } from '../../conformance/sorted-items.ts';
import { createFaults } from '../faults.ts';
import { issueCertificate } from '../paypal/certificates.ts';
import { SimulatedClock, play } from '../play.ts';
import { BANK, createScenario } from '../scenario/index.ts';
import { BANK_ZONE, factsOf, ibanOf, localDay, startBank, startOfLocalDay } from './index.ts';
import type { BankSimulator, Consumer } from './index.ts';

const HOUR_MS = 3_600_000;
const validity = { notBeforeMs: Date.UTC(2020, 0, 1), notAfterMs: Date.UTC(2049, 11, 31) };
const own = issueCertificate({ name: 'shop.example', isAuthority: false, ...validity });
const other = issueCertificate({ name: 'shop.example', isAuthority: false, ...validity });
const NOW_MS = Date.UTC(2026, 10, 22, 10);
const CONSUMER: Consumer = {
  key: 'key',
  secret: 'secret',
  certificate: own.pem,
  subject: 'CN=shop.example',
  scope: 'statements',
};

const running: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.close();
});

async function start(now = (): number => NOW_MS): Promise<BankSimulator> {
  const bank = await startBank({ now, consumer: CONSUMER });
  running.push(bank);
  return bank;
}

interface Assertion {
  readonly aud?: string;
  readonly iss?: string;
  readonly sub?: string;
  readonly iatS?: number;
  readonly lifeS?: number;
  readonly jti?: string | undefined;
  readonly alg?: string;
  readonly key?: typeof own;
  readonly x5c?: readonly string[];
}

let made = 0;

function assertion(bank: BankSimulator, claims: Assertion = {}): Promise<string> {
  const { key = own, iatS = NOW_MS / 1000, lifeS = 900, jti = `jti-${++made}`, alg = 'RS256' } = claims;
  const { x5c = [new X509Certificate(key.pem).raw.toString('base64')] } = claims;
  const jwt = new SignJWT({})
    .setProtectedHeader({ typ: 'JWT', alg, ...(x5c.length === 0 ? {} : { x5c: [...x5c] }) })
    .setAudience(claims.aud ?? `${bank.url.replace('http://', '')}/oauth2/v1/token`)
    .setIssuer(claims.iss ?? 'key')
    .setSubject(claims.sub ?? 'CN=shop.example')
    .setIssuedAt(iatS)
    .setExpirationTime(iatS + lifeS);
  if (jti !== '') jwt.setJti(jti);
  return jwt.sign(
    alg.startsWith('RS')
      ? createPrivateKey(key.privateKey.export({ type: 'pkcs8', format: 'pem' }))
      : Buffer.alloc(32),
  );
}

interface TokenRequest {
  readonly credentials?: string;
  readonly scope?: string;
  readonly grant?: string;
}

async function ask(bank: BankSimulator, signed: string, request: TokenRequest = {}) {
  const { credentials = 'key:secret', scope = 'statements' } = request;
  const { grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer' } = request;
  const response = await fetch(`${bank.url}/oauth2/v1/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams({ grant_type: grant, assertion: signed, scope }),
  });
  const answer = (await response.json()) as { access_token?: string; error?: string };
  return { status: response.status, ...answer };
}

describe('a token', () => {
  test('is given for a good assertion, once, and opens the list', async () => {
    const bank = await start();
    const signed = await assertion(bank);
    const { status, access_token: token } = await ask(bank, signed);
    expect(status).toBe(200);
    const list = (authorization: string): Promise<Response> =>
      fetch(`${bank.url}/statements`, { headers: { authorization } });
    expect((await list(`Bearer ${token!}`)).status).toBe(200);
    expect((await list('Bearer another')).status).toBe(401);
    expect(await ask(bank, signed)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  test.each<[string, Assertion]>([
    ['made out to another', { aud: 'sandbox.example/oauth2/v1/token' }],
    ['of another consumer', { iss: 'another' }],
    ['for another subject', { sub: 'CN=another' }],
    ['that has expired', { iatS: NOW_MS / 1000 - 1200 }],
    ['that is good for too long', { lifeS: 7200 }],
    ['without an id', { jti: '' }],
    ['with a certificate that was not registered', { key: other }],
    ['without a certificate', { x5c: [] }],
    ['signed with another key', { key: other, x5c: [new X509Certificate(own.pem).raw.toString('base64')] }],
    ['signed by another algorithm', { alg: 'HS256' }],
    ['signed by another digest', { alg: 'RS512' }],
  ])('is not given for an assertion %s', async (_, claims) => {
    const bank = await start();
    const refused = await ask(bank, await assertion(bank, claims));
    expect(refused).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(bank.tokens).toBe(0);
  });

  test.each<[TokenRequest, number, string]>([
    [{ credentials: 'key:wrong' }, 401, 'invalid_client'],
    [{ scope: 'payments' }, 400, 'invalid_scope'],
    [{ grant: 'password' }, 400, 'unsupported_grant_type'],
  ])('is not given where the request has %j', async (request, status, error) => {
    const bank = await start();
    expect(await ask(bank, await assertion(bank), request)).toMatchObject({ status, error });
  });

  test('ends after half an hour', async () => {
    const clock = new SimulatedClock(NOW_MS);
    const bank = await start(clock.now);
    const { access_token: token } = await ask(bank, await assertion(bank));
    clock.advanceTo(NOW_MS + HOUR_MS / 2);
    const headers = { authorization: `Bearer ${token!}` };
    expect((await fetch(`${bank.url}/statements`, { headers })).status).toBe(401);
  });
});

test('accounts have IBANs whose check digits are right', () => {
  for (const merchant of ['souk', 'dune', 'a', 'b', 'c', 'd']) {
    const iban = ibanOf(merchant, 'AED');
    expect(iban).toMatch(/^AE\d{21}$/);
    expect(BigInt(`${iban.slice(4)}1014${iban.slice(2, 4)}`) % 97n).toBe(1n);
  }
});

describe('files', () => {
  /** Lets a scenario happen and reads what is in the folder of a format, as the connector of that name does. */
  async function read(format: string, connector: string, pattern: string, on: 'all' | [] = []) {
    const directory = await mkdtemp(join(tmpdir(), 'counterfoil-bank-'));
    running.push({ close: () => rm(directory, { recursive: true, force: true }) });
    const scenario = createScenario({ seed: 12, payments: 80, spanMs: 3 * DAY_MS });
    const clock = new SimulatedClock(scenario.happenings[0]!.atMs);
    const faults = createFaults({ seed: 12, on, rate: 0.2 });
    const bank = await startBank({ now: clock.now, directory, faults });
    running.push(bank);
    let firstMs: number | undefined;
    const names = (): Promise<string[]> => readdir(join(directory, format)).catch(() => []);
    await play({
      happenings: scenario.happenings,
      simulators: [bank],
      clock,
      stepMs: HOUR_MS,
      async onStep() {
        if (firstMs === undefined && (await names()).length > 0) firstMs = clock.now();
      },
    });
    const source = sourceOf(connector, { path: 'x', zone: BANK_ZONE });
    const files = (await names()).sort();
    expect(files.every((name) => new RegExp(`^[\\w-]+\\.${pattern}$`).test(name))).toBe(true);
    const items = [];
    for (const name of files) {
      items.push(...(await readBatches(source, join(directory, format, name), name)).flat());
    }
    // Day by day, and not at the end.
    expect(firstMs).toBeLessThan(scenario.endMs - DAY_MS);
    return { scenario, files, ...sortItems(items), directory };
  }

  test.each([
    ['mt940', 'mt940', 'sta'],
    ['mt942', 'mt942', 'sta'],
    ['camt.053', 'camt', 'xml'],
  ])('of %s have the lines of the scenario and balances that add up', async (format, connector, pattern) => {
    const { scenario, records, dead, findings, balances } = await read(format, connector, pattern);
    expect([dead, findings]).toEqual([[], []]);
    const found = records.map(({ references, amount, currency, time }) => [
      references['bankReference'],
      { amount, currency, time },
    ]);
    const expected = scenario
      .ledger(BANK)
      .map((line) => [
        factsOf(line).bankReference,
        { amount: line.amount, currency: line.currency, time: startOfLocalDay(localDay(line.atMs)) },
      ]);
    expect(found).toHaveLength(expected.length);
    expect(expected.length).toBeGreaterThan(20);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    expect(balances.length > 0).toBe(format !== 'mt942');
  });

  test('come twice and late with faults, the same each time, and none is lost', async () => {
    const good = await read('mt940', 'mt940', 'sta');
    const bad = await read('mt940', 'mt940', 'sta', 'all');
    expect(bad.files.length).toBeGreaterThan(good.files.length);
    expect(new Set(bad.records.map(({ id }) => id))).toEqual(new Set(good.records.map(({ id }) => id)));
    const copy = bad.files.find((name) => name.endsWith('-2.sta'))!;
    const [first, second] = await Promise.all(
      [copy.replace('-2.sta', '.sta'), copy].map((name) =>
        readFile(join(bad.directory, 'mt940', name), 'utf8'),
      ),
    );
    expect(second).toBe(first);
  });
});
