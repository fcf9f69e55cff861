import { LRUCache } from 'lru-cache';
import { CounterfoilError } from '../../engine/domain/index.ts';
import type { LiveContext } from '../contract/index.ts';
import { nodeAnchors, pemAnchors, pemCertificates, trustedLeaf } from './certificate-chain.ts';
import type { TrustedCertificate } from './certificate-chain.ts';
import type { PaypalSettings } from './settings.ts';

/** PayPal has a certificate or two at a time. */
const MAX_KEPT = 16;
/** After this long a certificate is fetched anew, milliseconds. */
const KEPT_MS = 24 * 3_600_000;
/** Anyone may name certificates that there are not: that these are none is kept apart, and not for long. */
const MAX_REFUSED = 256;
const REFUSED_MS = 60_000;
/** The most bytes of an answer: a chain has some thousands. */
const MAX_BYTES = 65_536;
/** Fetches at a time. */
const MAX_FETCHING = 8;

/** Finds the certificates that webhooks are signed with. */
export interface Certificates {
  /**
   * The certificate at a path of PayPal's API, if it can be trusted at `atMs`.
   * @throws CounterfoilError `deliveryUnverified` where it cannot; what `ProviderHttp.send` throws where it cannot be fetched
   */
  trusted(path: string, atMs: number): Promise<TrustedCertificate>;
}

/**
 * Certificates that were fetched, checked, and kept for a day. A chain is checked against what is trusted without asking
 * anyone, so that a delivery can be verified while PayPal is down.
 */
export function createCertificates(
  { http, now, signal }: Pick<LiveContext, 'http' | 'now' | 'signal'>,
  settings: Pick<PaypalSettings, 'certificateNames' | 'trustedCertificates'>,
): Certificates {
  const timed = { ttlResolution: 0, perf: { now } };
  const kept = new LRUCache<string, TrustedCertificate>({ max: MAX_KEPT, ttl: KEPT_MS, ...timed });
  const refused = new LRUCache<string, string>({ max: MAX_REFUSED, ttl: REFUSED_MS, ...timed });
  const fetching = new Map<string, Promise<TrustedCertificate>>();
  const anchors =
    settings.trustedCertificates === undefined ? nodeAnchors() : pemAnchors(settings.trustedCertificates);

  /** @throws CounterfoilError `deliveryUnverified`; what `ProviderHttp.send` throws */
  async function fetched(path: string): Promise<TrustedCertificate> {
    const answer = await http.send(
      { endpoint: 'certificates', method: 'GET', path, expect: [400, 404, 410] },
      signal,
    );
    const found = answer.status === 200 ? checked(answer.body) : 'PayPal does not know it';
    if (typeof found === 'string') {
      refused.set(path, found);
      throw untrusted(found);
    }
    kept.set(path, found);
    return found;
  }

  function checked(body: Uint8Array): TrustedCertificate | string {
    if (body.byteLength > MAX_BYTES)
      return `its file has ${body.byteLength} bytes, and at most ${MAX_BYTES} are read`;
    const pem = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
    try {
      return trustedLeaf(pemCertificates(pem), settings.certificateNames, anchors);
    } catch {
      return 'it cannot be read';
    }
  }

  return {
    async trusted(path, atMs) {
      const problem = refused.get(path);
      if (problem !== undefined) throw untrusted(problem);
      let found = kept.get(path);
      if (found === undefined) {
        let underWay = fetching.get(path);
        if (underWay === undefined) {
          if (fetching.size >= MAX_FETCHING) {
            throw new CounterfoilError(
              'overloaded',
              'too many certificates are being fetched for webhooks; PayPal sends again',
            );
          }
          underWay = fetched(path).finally(() => fetching.delete(path));
          fetching.set(path, underWay);
        }
        found = await underWay;
      }
      if (atMs < found.notBeforeMs || atMs > found.notAfterMs) {
        throw untrusted('it, or one that vouches for it, is not valid at this time');
      }
      return found;
    },
  };
}

function untrusted(problem: string): CounterfoilError {
  return new CounterfoilError(
    'deliveryUnverified',
    `the certificate that the delivery is said to be signed with cannot be trusted: ${problem}`,
  );
}
