import { X509Certificate, createPrivateKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { CounterfoilError, DAY_MS } from '../../engine/domain/index.ts';
import type { SwiftApiSettings } from './settings.ts';

/** How long an assertion is good for. */
const LIFE_S = 900;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const MAX_CERTIFICATES = 8;

/** Makes a new assertion: each is taken once, so that a request that is repeated needs another. */
export type MakeAssertion = (nowMs: number) => Promise<string>;

type Credentials = Pick<
  SwiftApiSettings,
  'consumerKey' | 'certificate' | 'privateKey' | 'subject' | 'audience' | 'tokenPath' | 'clockSkew'
> & { readonly http: Pick<SwiftApiSettings['http'], 'routes'> };

/**
 * The assertion by which a consumer asks SWIFT's OAuth for a token: a JWT by RS256 with the certificate in its header
 * (`x5c`), issued by the consumer key for the certificate's subject. Source: SWIFT developer portal, OAuth token API.
 * @param source its name, for errors
 * @throws CounterfoilError `invalidConfig` where key and certificate cannot be read or are not each other's
 */
export function assertionMaker(settings: Credentials, source: string): MakeAssertion {
  const [certificate, x5c] = readCertificates(settings, source);
  const key = readKey(settings, certificate, source);
  const subject = settings.subject ?? subjectOf(certificate);
  const route = settings.http.routes[0] ?? '';
  const audience = settings.audience ?? route.replace(/^https?:\/\//, '') + settings.tokenPath;
  return (nowMs) => {
    const now = Math.floor(nowMs / 1000);
    const issued = now - Math.ceil(settings.clockSkew / 1000);
    return new SignJWT({})
      .setProtectedHeader({ typ: 'JWT', alg: 'RS256', x5c })
      .setIssuer(settings.consumerKey.reveal())
      .setSubject(subject)
      .setAudience(audience)
      .setJti(randomBytes(16).toString('hex'))
      .setIssuedAt(issued)
      .setNotBefore(issued)
      .setExpirationTime(now + LIFE_S)
      .sign(key);
  };
}

/** A distinguished name as RFC 4514 writes it: what is most particular first. */
function subjectOf(certificate: X509Certificate): string {
  return certificate.subject.split('\n').reverse().join(', ');
}

/** The days before its end on which a certificate is told of. */
const WARNING_DAYS = 30;

/** A line for the operator where the certificate has ended, or soon will. */
export function expiryNotice(
  settings: Pick<Credentials, 'certificate'>,
  source: string,
  nowMs: number,
): string | undefined {
  const [certificate] = readCertificates(settings, source);
  const endMs = Date.parse(certificate.validTo);
  if (Number.isNaN(endMs) || endMs - nowMs > WARNING_DAYS * DAY_MS) return undefined;
  const day = new Date(endMs).toISOString().slice(0, 10);
  return `the certificate ${endMs < nowMs ? 'ended' : 'ends'} on ${day}; have a new one made and registered`;
}

function readCertificates(
  { certificate }: Pick<Credentials, 'certificate'>,
  source: string,
): [X509Certificate, string[]] {
  const found = certificate.reveal().match(CERTIFICATE) ?? [];
  try {
    const certificates = found.slice(0, MAX_CERTIFICATES).map((pem) => new X509Certificate(pem));
    const [own] = certificates;
    if (own !== undefined) return [own, certificates.map(({ raw }) => raw.toString('base64'))];
  } catch {
    // What is there in place of one is not repeated.
  }
  throw invalid(source, 'certificate', 'is no certificate in PEM; give a file of it with ${file:…}');
}

function readKey(
  { privateKey }: Pick<Credentials, 'privateKey'>,
  certificate: X509Certificate,
  source: string,
): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(privateKey.reveal());
  } catch {
    // What the parser says may repeat parts of the key.
    throw invalid(source, 'privateKey', 'is no private key in PEM without a passphrase');
  }
  if (key.asymmetricKeyType !== 'rsa')
    throw invalid(source, 'privateKey', 'is no RSA key, which RS256 needs');
  if (!certificate.checkPrivateKey(key)) {
    throw invalid(
      source,
      'privateKey',
      "is not the key of the certificate; give the first certificate's own",
    );
  }
  return key;
}

function invalid(source: string, setting: string, what: string): CounterfoilError {
  return new CounterfoilError('invalidConfig', `source "${source}": ${setting} ${what}`);
}
