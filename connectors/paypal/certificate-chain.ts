import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

/** The most certificates between a leaf and what is trusted, itself included; and of a list that PayPal serves. */
const MAX_CHAIN = 8;
/** The least that an RSA key has, in bits. */
const MIN_KEY_BITS = 2048;
const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]{1,16384}?-----END CERTIFICATE-----/g;

/** Certificates that a chain may end in, by the name of their subject. */
export type TrustAnchors = ReadonlyMap<string, readonly X509Certificate[]>;

let ofNode: TrustAnchors | undefined;

/** The roots that Node.js trusts: those of Mozilla. */
export function nodeAnchors(): TrustAnchors {
  return (ofNode ??= anchorsOf(rootCertificates.map((pem) => new X509Certificate(pem))));
}

/** Those of a PEM text; none where there is no certificate in it. @throws Error where one cannot be read */
export function pemAnchors(pem: string): TrustAnchors {
  return anchorsOf(pemCertificates(pem));
}

function anchorsOf(certificates: readonly X509Certificate[]): TrustAnchors {
  const anchors = new Map<string, X509Certificate[]>();
  for (const certificate of certificates) {
    const named = anchors.get(certificate.subject);
    if (named === undefined) anchors.set(certificate.subject, [certificate]);
    else named.push(certificate);
  }
  return anchors;
}

/** The certificates of a PEM text, in their order. @throws Error where one cannot be read */
export function pemCertificates(pem: string): X509Certificate[] {
  return (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block));
}

/** A certificate that was found to be good, and when it and those that vouch for it are valid. */
export interface TrustedCertificate {
  readonly certificate: X509Certificate;
  /** Epoch milliseconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * The first of some certificates, if it is for one of `names`, has an RSA key, and a chain of issuers leads from it to what
 * is trusted; else why not, in words. Whether it is valid at a moment is for the caller to see: certificates are kept
 * longer than a moment.
 * @param given the leaf, and those between it and a root in any order
 */
export function trustedLeaf(
  given: readonly X509Certificate[],
  names: readonly string[],
  anchors: TrustAnchors,
): TrustedCertificate | string {
  const [leaf, ...others] = given;
  if (leaf === undefined) return 'there is no certificate in it';
  if (given.length > MAX_CHAIN)
    return `there are ${given.length} certificates, and at most ${MAX_CHAIN} are read`;
  if (!names.some((name) => leaf.checkHost(name, { wildcards: false }) !== undefined)) {
    return 'it was issued for somebody else; see certificateNames';
  }
  const { asymmetricKeyType, asymmetricKeyDetails } = leaf.publicKey;
  if (asymmetricKeyType !== 'rsa' || (asymmetricKeyDetails?.modulusLength ?? 0) < MIN_KEY_BITS) {
    return `its key is no RSA key of ${MIN_KEY_BITS} bits`;
  }
  let [notBeforeMs, notAfterMs] = [-Infinity, Infinity];
  let current = leaf;
  for (let length = 0; length < MAX_CHAIN; length++) {
    notBeforeMs = Math.max(notBeforeMs, Date.parse(current.validFrom));
    notAfterMs = Math.min(notAfterMs, Date.parse(current.validTo));
    if (isAnchor(current, anchors)) return { certificate: leaf, notBeforeMs, notAfterMs };
    const child = current;
    const candidates = [...(anchors.get(child.issuer) ?? []), ...others];
    const issuer = candidates.find((candidate) => isIssuedBy(child, candidate));
    if (issuer === undefined) return 'nobody who is trusted has issued it; see trustedCertificates';
    current = issuer;
  }
  return `the chain of its issuers is longer than ${MAX_CHAIN}`;
}

function isAnchor(certificate: X509Certificate, anchors: TrustAnchors): boolean {
  return (anchors.get(certificate.subject) ?? []).some(
    (anchor) => anchor.fingerprint256 === certificate.fingerprint256,
  );
}

/** Names, key identifiers and what the issuer's key is for are compared by `checkIssued`; the signature by `verify`. */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
