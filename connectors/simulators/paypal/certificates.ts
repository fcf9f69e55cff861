import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import {
  bits,
  boolean,
  context,
  integer,
  nothing,
  objectId,
  octets,
  sequence,
  set,
  text,
  utcTime,
} from './der.ts';

/** Node.js reads certificates and makes none: this makes the few that a signer needs, by RFC 5280. */

const SHA256_WITH_RSA = sequence(objectId('1.2.840.113549.1.1.11'), nothing());
const SHA256_WITH_ECDSA = sequence(objectId('1.2.840.10045.4.3.2'));
const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const DNS_NAME = 2;
/** Whom PayPal's own certificate is for, in the sandbox. */
const SIGNER = 'messageverificationcerts.sandbox.paypal.com';

/** A certificate with its private key. */
export interface Issued {
  readonly name: string;
  readonly pem: string;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  /** Of the subject; for one that signs for a host, the host. */
  readonly name: string;
  /** Without it the certificate is a root, signed by itself. */
  readonly issuer?: Issued;
  /** Whether it may issue others. */
  readonly isAuthority: boolean;
  /** Epoch milliseconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Makes a certificate and a key for it: of an authority an elliptic one, because an RSA key takes a second to make. */
export function issueCertificate(options: CertificateOptions): Issued {
  const { name, issuer, isAuthority, notBeforeMs, notAfterMs } = options;
  const { publicKey, privateKey } = isAuthority
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signingKey = issuer?.privateKey ?? privateKey;
  const algorithm = signingKey.asymmetricKeyType === 'ec' ? SHA256_WITH_ECDSA : SHA256_WITH_RSA;
  const serial = createHash('sha256').update(`${name}/${notBeforeMs}`).digest().subarray(0, 12);
  const extensions = [
    extension(BASIC_CONSTRAINTS, true, isAuthority ? sequence(boolean(true)) : sequence()),
    // keyCertSign and cRLSign of an authority, digitalSignature of others.
    extension(KEY_USAGE, true, isAuthority ? bits(Buffer.from([0x06]), 1) : bits(Buffer.from([0x80]), 7)),
    ...(isAuthority
      ? []
      : [
          extension(
            SUBJECT_ALTERNATIVE_NAME,
            false,
            sequence(context(DNS_NAME, Buffer.from(name, 'latin1'), false)),
          ),
        ]),
  ];
  const body = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    nameOf(issuer?.name ?? name),
    sequence(utcTime(notBeforeMs), utcTime(notAfterMs)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    context(3, sequence(...extensions)),
  );
  const der = sequence(body, algorithm, bits(sign('sha256', body, signingKey)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  return { name, pem, privateKey };
}

/** A root, an authority below it, and a certificate of that authority for a host. */
export interface SigningChain {
  readonly root: Issued;
  readonly intermediate: Issued;
  readonly leaf: Issued;
  /** The leaf and the intermediate, as a server sends them. */
  readonly pem: string;
}

let made: SigningChain | undefined;

/** The chain that all simulators of this process sign with; valid from 2020 to 2049, because their time is simulated. */
export function simulatedChain(): SigningChain {
  return (made ??= issueChain(SIGNER));
}

function issueChain(host: string): SigningChain {
  const validity = { notBeforeMs: Date.UTC(2020, 0, 1), notAfterMs: Date.UTC(2049, 11, 31) };
  const root = issueCertificate({ name: 'Simulated Root', isAuthority: true, ...validity });
  const intermediate = issueCertificate({
    name: 'Simulated Authority',
    issuer: root,
    isAuthority: true,
    ...validity,
  });
  const leaf = issueCertificate({ name: host, issuer: intermediate, isAuthority: false, ...validity });
  return { root, intermediate, leaf, pem: `${leaf.pem}${intermediate.pem}` };
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(objectId(COMMON_NAME), text(commonName))));
}

function extension(id: string, isCritical: boolean, value: Uint8Array): Buffer {
  return sequence(objectId(id), ...(isCritical ? [boolean(true)] : []), octets(value));
}
