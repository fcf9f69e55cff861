import { createServer } from 'node:net';
import { CounterfoilError } from '../../engine/domain/index.ts';

/** A TCP port that was free on `host` a moment ago; whoever binds it must be ready to find it taken. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => reject(CounterfoilError.from(error, 'internal')));
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
