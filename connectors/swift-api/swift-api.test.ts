import { X509Certificate } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../conformance/harness.ts';
import { sortItems } from '../conformance/sorted-items.ts';
import { issueCertificate } from '../simulators/paypal/certificates.ts';
import { assertionMaker, expiryNotice } from './assertion.ts';
import { CONSUMER, written } from './fixtures.ts';
import { readerFor, readerOfContent } from './readers.ts';
import { swiftApiSettings } from './settings.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 10);
const validity = { notBeforeMs: Date.UTC(2020, 0, 1), notAfterMs: Date.UTC(2049, 11, 31) };
const maker = (more: object = {}, route = 'https://sandbox.swift.com') =>
  assertionMaker(swiftApiSettings.parse(written(route, more)), 'bank');

describe('an assertion', () => {
  test('is what SWIFT’s OAuth takes', async () => {
    const make = maker();
    const signed = await make(NOW_MS);
    const certificate = new X509Certificate(CONSUMER.certificate);
    expect(decodeProtectedHeader(signed)).toEqual({
      typ: 'JWT',
      alg: 'RS256',
      x5c: [certificate.raw.toString('base64')],
    });
    const { payload } = await jwtVerify(signed, certificate.publicKey, { currentDate: new Date(NOW_MS) });
    expect(payload).toEqual({
      iss: CONSUMER.key,
      sub: 'CN=shop.example',
      aud: 'sandbox.swift.com/oauth2/v1/token',
      jti: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      iat: NOW_MS / 1000 - 60,
      nbf: NOW_MS / 1000 - 60,
      exp: NOW_MS / 1000 + 900,
    });
    expect(decodeJwt(await make(NOW_MS)).jti).not.toBe(payload.jti);
  });

  test('says what the settings say', async () => {
    const above = issueCertificate({ name: 'Above', isAuthority: true, ...validity });
    const signed = await maker({
      subject: 'CN=desktop, O=sandbox, O=swift',
      audience: 'api.example/token',
      clockSkew: '0s',
      certificate: `${CONSUMER.certificate}${above.pem}`,
    })(NOW_MS);
    expect(decodeJwt(signed)).toMatchObject({
      sub: 'CN=desktop, O=sandbox, O=swift',
      aud: 'api.example/token',
      iat: NOW_MS / 1000,
    });
    expect(decodeProtectedHeader(signed).x5c).toHaveLength(2);
  });

  test.each([
    ['certificate', 'no certificate', { certificate: 'nonsense' }],
    ['certificate', 'no certificate', { certificate: CONSUMER.certificate.replace(/\n.{20}/, '\nAAAA') }],
    ['privateKey', 'no private key', { privateKey: CONSUMER.certificate }],
    ['privateKey', 'no RSA key', { privateKey: keyOf(true) }],
    ['privateKey', 'not the key of the certificate', { privateKey: keyOf(false) }],
  ])('cannot be made where %s is %s, which does not tell it', (setting, problem, more) => {
    expect(() => maker(more)).toThrow(expect.objectContaining({ code: 'invalidConfig' }) as Error);
    expect(() => maker(more)).toThrow(new RegExp(`source "bank": ${setting} is .*${problem.slice(3)}`));
    expect(() => maker(more)).not.toThrow(/BEGIN|MII/);
  });
});

test.each([
  [40, undefined],
  [29, 'the certificate ends on 2049-12-31'],
  [-1, 'the certificate ended on 2049-12-31'],
])('the operator is told of a certificate with %d days left', (days, line) => {
  const nowMs = validity.notAfterMs - days * 86_400_000;
  const told = expiryNotice(swiftApiSettings.parse(written('https://api.example.com')), 'bank', nowMs);
  if (line === undefined) expect(told).toBeUndefined();
  else expect(told).toContain(line);
});

function keyOf(isElliptic: boolean): string {
  const { privateKey } = issueCertificate({ name: 'other', isAuthority: isElliptic, ...validity });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

describe('formats', () => {
  const all = {
    formats: { mt940: {}, mt942: {}, camt: {}, mt103: {} },
    formatNames: { EOD: 'mt940' },
  } as const;

  test.each([
    ['MT940', 'mt940'],
    ['mt942', 'mt942'],
    ['FIN.103', 'mt103'],
    ['103', 'mt103'],
    ['camt.053.001.08', 'camt'],
    ['CAMT053', 'camt'],
    ['EOD', 'mt940'],
    ['MT9400', undefined],
    ['PDF', undefined],
    [undefined, undefined],
  ])('%s is read by %s', (word, reader) => {
    expect(readerFor(word, all)).toBe(reader);
  });

  test('that the source does not name are not read; the only one is read where items name none', () => {
    const one = { formats: { camt: {} }, formatNames: {} };
    expect([readerFor('MT940', one), readerFor(undefined, one)]).toEqual([undefined, 'camt']);
  });

  test.each([
    ['<?xml version="1.0"?><Document/>', 'camt'],
    ['\uFEFF<Document/>', 'camt'],
    ['{1:F01}{2:O103}{4:\n:20:A\n-}', 'mt103'],
    [':20:A\n:32A:261122AED1,\n', 'mt103'],
    [':20:A\n:34F:AED0,\n', 'mt942'],
    [':20:A\n:62F:C261122AED1,\n', 'mt940'],
  ])('are known by %j', (content, reader) => {
    expect(readerOfContent(content, all)).toBe(reader);
  });
});

describe('settings', () => {
  const issuesOf = (more: object): string[] => {
    const result = swiftApiSettings.safeParse({ ...written('https://api.example.com'), ...more });
    return (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
  };

  test.each([
    [{}, ''],
    [{ formats: { mt940: { time: 'bookingDate' }, camt: { messages: ['camt.053'] } } }, ''],
    [{ formats: {} }, 'formats: wants at least one format'],
    [{ formats: { mt940: {}, pdf: {} } }, 'formats'],
    [{ formats: { mt940: { time: 'never' } } }, 'formats.mt940.time'],
    [{ formats: { mt940: { noSuch: 1 } } }, 'formats.mt940'],
    [{ formats: { mt940: { zone: 'UTC' } } }, 'formats.mt940.zone: is a setting of the whole source'],
    [{ content: { path: '/statements' } }, 'content.path: wants a path with {id} in it'],
    [{ list: { path: 'statements?x=1' } }, 'list.path'],
    [{ consumerSecret: undefined }, 'consumerSecret'],
    [{ account: 'main' }, 'accounts'],
  ])('%j', (more, problem) => {
    const issues = issuesOf(more);
    if (problem === '') expect(issues).toEqual([]);
    else expect(issues).toEqual([expect.stringContaining(problem)]);
  });
});

describe('a dead letter that is read again', () => {
  const reread = async (payload: string) => {
    const source = sourceOf('swift-api', written('https://api.example.com', { accounts: undefined }));
    return sortItems(await source.retranslate(payload));
  };
  const line = ':61:261122C1,00NTRFREF//B1';
  const whole = `:20:R\n:25:AE07\n:28C:1\n:60F:C261121AED0,\n${line}\n:62F:C261122AED1,\n-\n`;

  test('is the whole statement, with the ids that it has', async () => {
    const { records, dead } = await reread(whole);
    expect([records.map(({ id }) => id), dead]).toEqual([['AE07/1/2026-11-22/1'], []]);
  });

  test.each([line, '<Ntry/>', '', '<Document>'])(
    'stays one where it is a part, or nothing: %j',
    async (part) => {
      const { records, dead } = await reread(part);
      expect(records).toEqual([]);
      expect(dead).toHaveLength(1);
    },
  );
});
