import { freePort, startNatsServer } from '../../local/index.ts';
import type { NatsServer } from '../../local/index.ts';

/** A nats-server of the test's own, which can be killed and started again on its port and its data. */
export class OwnBroker {
  readonly url: string;
  readonly #dataDir: string;
  readonly #port: number;
  #server: NatsServer;

  private constructor(dataDir: string, port: number, server: NatsServer) {
    this.#dataDir = dataDir;
    this.#port = port;
    this.#server = server;
    this.url = server.url;
  }

  static async start(dataDir: string): Promise<OwnBroker> {
    const port = await freePort();
    return new OwnBroker(dataDir, port, await startNatsServer({ dataDir, port }));
  }

  /** Resolves when it has ended. */
  async kill(): Promise<void> {
    process.kill(this.#server.pid, 'SIGKILL');
    await this.#server.exited;
  }

  /** Resolves when it can be connected to. */
  async startAgain(): Promise<void> {
    this.#server = await startNatsServer({ dataDir: this.#dataDir, port: this.#port });
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}
