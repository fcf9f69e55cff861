import { X509Certificate, verify } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../engine/domain/index.ts';
import { createFaults } from '../faults.ts';
import { SimulatedClock, play } from '../play.ts';
import { createScenario } from '../scenario/index.ts';
import type { PostedWebhook } from '../webhook-sender.ts';
import { issueCertificate } from './certificates.ts';
import { paypalIds, startPaypal } from './index.ts';
import type { PaypalSimulator } from './index.ts';

const WEBHOOK_ID = '1JE4291016473214C';
const scenario = createScenario({ seed: 21, payments: 150, providers: ['paypal'] });
const clock = new SimulatedClock(0);
const posted: PostedWebhook[] = [];
let simulator: PaypalSimulator;

beforeAll(async () => {
  simulator = await startPaypal({
    now: clock.now,
    webhookId: WEBHOOK_ID,
    maxResults: 100,
    faults: createFaults({ seed: 4, on: ['wrongSignatures'], rate: 0.2 }),
    post(webhook) {
      posted.push(webhook);
      return Promise.resolve(200);
    },
  });
  await play({ happenings: scenario.happenings, simulators: [simulator], clock });
});
afterAll(() => simulator.close());

type Json = { readonly [name: string]: unknown };

async function token(secret = 'simulated-secret', body = 'grant_type=client_credentials'): Promise<Response> {
  return fetch(`${simulator.url}/v1/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`simulated-client:${secret}`).toString('base64')}` },
    body,
  });
}

async function get(path: string, bearer?: string): Promise<{ status: number; body: Json }> {
  const authorization = bearer ?? ((await (await token()).json()) as { access_token: string }).access_token;
  const response = await fetch(`${simulator.url}${path}`, {
    headers: { authorization: `Bearer ${authorization}` },
  });
  return { status: response.status, body: (await response.json()) as Json };
}

const search = (from: number, to: number, more = ''): ReturnType<typeof get> =>
  get(
    `/v1/reporting/transactions?start_date=${new Date(from).toISOString()}&end_date=${new Date(to).toISOString()}${more}`,
  );

describe('tokens', () => {
  test('are given for the app’s own secret, and asked for', async () => {
    expect(await (await token()).json()).toMatchObject({ token_type: 'Bearer', expires_in: 32_400 });
    expect((await token('wrong')).status).toBe(401);
    expect((await token('simulated-secret', 'grant_type=password')).status).toBe(400);
    expect(await get('/v1/reporting/transactions', 'made-up')).toMatchObject({
      status: 401,
      body: { error: 'invalid_token' },
    });
  });
});

describe('the transaction search', () => {
  const start = scenario.happenings[0]!.atMs;

  test('lists what has happened, page by page', async () => {
    const { atMs } = simulator.books.rows[39]!;
    const ids: unknown[] = [];
    for (let page = 1, pages = 1; page <= pages; page++) {
      const { body } = await search(start, atMs, `&page_size=17&page=${page}`);
      pages = body['total_pages'] as number;
      for (const detail of body['transaction_details'] as Json[]) {
        ids.push((detail['transaction_info'] as Json)['transaction_id']);
      }
    }
    const expected = scenario.ledger('paypal').filter((record) => record.atMs <= atMs);
    expect(ids.toSorted()).toEqual(expected.map(({ id }) => paypalIds.transaction(id)).toSorted());
  });

  test('refuses what is too long, too much, or no search', async () => {
    expect(await search(start, start + 31 * DAY_MS + 1)).toMatchObject({
      status: 400,
      body: { name: 'INVALID_REQUEST' },
    });
    expect(await search(start, start + 31 * DAY_MS)).toMatchObject({
      status: 400,
      body: { name: 'RESULTSET_TOO_LARGE' },
    });
    for (const more of ['&page_size=501', '&page=0', '&page_size=x']) {
      expect((await search(start, start + 1000, more)).status).toBe(400);
    }
    expect((await get('/v1/reporting/transactions?start_date=yesterday')).status).toBe(400);
  });

  test('finds one transaction by its id, and says how fresh it is', async () => {
    const { atMs, transaction_info: info } = simulator.books.rows[3]!;
    const { body } = await search(atMs, atMs, `&transaction_id=${info.transaction_id}`);
    expect(body).toMatchObject({ total_items: 1, transaction_details: [{ transaction_info: info }] });
    expect(Date.parse((body['last_refreshed_datetime'] as string).replace('+0000', 'Z'))).toBeLessThan(
      clock.now(),
    );
  });
});

describe('resources', () => {
  test('are read by their ids', async () => {
    for (const [path, shelf] of [
      ['/v2/payments/captures', simulator.books.captures],
      ['/v2/payments/refunds', simulator.books.refunds],
      ['/v1/customer/disputes', simulator.books.disputes],
    ] as const) {
      const [id, resource] = [...shelf][0]!;
      expect(await get(`${path}/${id}`)).toEqual({ status: 200, body: resource });
      expect(await get(`${path}/NONE`)).toMatchObject({ status: 404, body: { name: 'RESOURCE_NOT_FOUND' } });
    }
  });

  test('events are listed newest first, page after page', async () => {
    const ids: unknown[] = [];
    let path: string | undefined = '/v1/notifications/webhooks-events?page_size=40';
    while (path !== undefined) {
      const { body } = await get(path);
      ids.push(...(body['events'] as Json[]).map(({ id }) => id));
      const [next] = body['links'] as { href: string }[];
      path = next === undefined ? undefined : next.href.replace(/^https:\/\/[^/]+/, '');
    }
    expect(ids).toEqual(simulator.books.events.map(({ id }) => id).toReversed());
  });
});

describe('webhooks', () => {
  test('are signed by a certificate that its root vouches for, and forged ones are not', async () => {
    let [good, bad] = [0, 0];
    for (const { headers, body } of posted) {
      const path = new URL(headers['paypal-cert-url']!).pathname;
      const pem = await (await fetch(`${simulator.url}${path}`)).text();
      const [leaf, authority] = pem
        .split(/(?<=-----END CERTIFICATE-----\n)/)
        .map((each) => new X509Certificate(each));
      const root = new X509Certificate(simulator.trustedCertificates);
      expect(leaf!.checkIssued(authority!) && leaf!.verify(authority!.publicKey)).toBe(true);
      expect(authority!.checkIssued(root) && authority!.verify(root.publicKey)).toBe(true);
      const message = [
        headers['paypal-transmission-id'],
        headers['paypal-transmission-time'],
        WEBHOOK_ID,
        crc32(body),
      ].join('|');
      const signature = Buffer.from(headers['paypal-transmission-sig']!, 'base64');
      if (verify('sha256', Buffer.from(message), leaf!.publicKey, signature)) good++;
      else bad++;
    }
    expect(good).toBe(simulator.books.events.length);
    expect(bad).toBeGreaterThan(5);
  });
});

describe('a certificate', () => {
  test('says what it was made to say', () => {
    const years = { notBeforeMs: Date.UTC(2026, 0, 1), notAfterMs: Date.UTC(2027, 0, 1) };
    const issued = issueCertificate({ name: 'host.example', isAuthority: true, ...years });
    const certificate = new X509Certificate(issued.pem);
    expect(certificate.subject).toBe('CN=host.example');
    expect([Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]).toEqual([
      years.notBeforeMs,
      years.notAfterMs,
    ]);
    expect(certificate.ca).toBe(true);
    expect(certificate.checkPrivateKey(issued.privateKey)).toBe(true);
  });
});
