import { join } from 'node:path';

/** Where the pieces of a local nats-server lie. */
export interface ServerFiles {
  readonly directory: string;
  readonly config: string;
  readonly log: string;
  readonly pid: string;
}

/** The files of the nats-server that keeps its store in `directory`. */
export function serverFiles(directory: string): ServerFiles {
  return {
    directory,
    config: join(directory, 'nats-server.conf'),
    log: join(directory, 'nats-server.log'),
    pid: join(directory, 'nats-server.pid'),
  };
}

/** Largest message the local server takes, bytes: a frame is at most 512 KiB, and a large record may exceed it. */
const MAX_PAYLOAD_BYTES = 4_194_304;

/** More than any disk: the streams have limits of their own. */
const MAX_STORE_BYTES = 2 ** 50;

/**
 * The configuration of a local nats-server: loopback only, file storage, a log that cannot grow without bound.
 * From version 2.10 on every acknowledged message is synced to disk first; older servers sync every two minutes.
 * @param port 0 lets the server choose a free one
 */
export function serverConfig(
  files: ServerFiles,
  port: number,
  version: readonly [number, number, number],
): string {
  const syncs = version[0] > 2 || (version[0] === 2 && version[1] >= 10);
  return [
    'server_name: counterfoil-local',
    `listen: "127.0.0.1:${port === 0 ? -1 : port}"`,
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    `pid_file: ${quote(files.pid)}`,
    `ports_file_dir: ${quote(files.directory)}`,
    `log_file: ${quote(files.log)}`,
    'logfile_size_limit: 10485760',
    'jetstream {',
    `  store_dir: ${quote(files.directory)}`,
    // The streams' limits together may be more than the disk has free today: each is a bound, not a reservation. By
    // default the server would refuse to create them. A disk that really fills up is an error of its own.
    `  max_file_store: ${MAX_STORE_BYTES}`,
    ...(syncs ? ['  sync_interval: always'] : []),
    '}',
    '',
  ].join('\n');
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
