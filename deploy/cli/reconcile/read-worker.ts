/** Worker thread that reads one source of a file command and hands its frames over. */
import { parentPort, workerData } from 'node:worker_threads';
import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import { loadConfig } from '../../../engine/config/index.ts';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import type { PlainError } from '../../../engine/domain/index.ts';
import { openFiles } from './open-files.ts';
import type { ReadBatch } from './read-source.ts';
import { readSource, transferables } from './read-source.ts';
import type { SourceFile } from './source-files.ts';

/** What the thread is started with. The configuration is read again: settings are not made for crossing threads. */
export interface ReadRequest {
  readonly configPath: string;
  readonly source: string;
  readonly files: readonly SourceFile[];
}

export type ReadReply =
  | { readonly type: 'batch'; readonly batch: ReadBatch }
  | { readonly type: 'notice'; readonly line: string }
  | { readonly type: 'failed'; readonly error: PlainError }
  | { readonly type: 'done' };

async function read(request: ReadRequest): Promise<void> {
  const { config } = loadConfig(request.configPath, CONNECTOR_SCHEMAS);
  const source = config.sources.find(({ name }) => name === request.source);
  if (source === undefined) {
    throw new CounterfoilError('invalidConfig', `${request.configPath} changed while it was read; run again`);
  }
  const files = openFiles(source, request.files, (line) => reply({ type: 'notice', line }));
  await readSource(source.name, files, (batch) => reply({ type: 'batch', batch }, transferables(batch)));
}

function reply(message: ReadReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

read(workerData as ReadRequest).then(
  () => reply({ type: 'done' }),
  (error: unknown) => reply({ type: 'failed', error: CounterfoilError.from(error).toPlain() }),
);
