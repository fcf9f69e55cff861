import type { Config } from '../../engine/config/index.ts';
import type { LogOptions } from '../../engine/stream/index.ts';

/** How a configuration says to reach the broker, apart from the address of a nats-server of our own. */
export function brokerOptions(config: Config, ownUrl?: string): LogOptions {
  const { stream, partitionBy } = config;
  const servers = (stream.url ?? ownUrl ?? '').split(/\s*,\s*/);
  return {
    url: servers,
    timeoutMs: stream.timeout,
    partitionBy,
    maxBytesPerPartition: stream.maxBytes,
    replicas: stream.replicas,
    ...(stream.username === undefined ? {} : { user: stream.username }),
    ...(stream.password === undefined ? {} : { password: stream.password }),
  };
}

/** An address, or several, as they may be shown. */
export function withoutCredentials(url: string): string {
  return url.replaceAll(/\/\/[^/@\s]*@/g, '//');
}
