/**
 * The connectors role in a process of its own, to be killed: `node connectors-process.js '<ConnectorsProcessOptions>'`.
 * It says where webhooks are received and what the log acknowledged, as JSON lines on standard output, and stops in an
 * orderly way when its standard input ends.
 */
import { connectLog } from '../../engine/stream/index.ts';
import { createLogger } from '../../engine/telemetry/index.ts';
import { startConnectors } from '../main.ts';
import { openSource, parseSource } from '../open-source.ts';
import { createPublisher } from '../runtime/index.ts';

export interface ConnectorsProcessOptions {
  readonly natsUrl: string;
  readonly partitions: number;
  /** Where the sources' paths start. */
  readonly directory: string;
  /** Where cursors are kept. */
  readonly dataDir: string;
  /** Sources by name, as they would be written in YAML. */
  readonly sources: {
    readonly [name: string]: { readonly connector: string; readonly [setting: string]: unknown };
  };
}

/** What the process says: records that a message of the log holds now. */
export interface ConnectorsProcessLine {
  readonly source: string;
  readonly records: number;
}

/** The first that it says where a source takes webhooks. */
export interface ConnectorsProcessStart {
  readonly webhooksUrl: string;
}

const options = JSON.parse(process.argv[2] ?? '{}') as ConnectorsProcessOptions;
const log = await connectLog({ url: options.natsUrl });
await log.open(options.partitions);
const publisher = createPublisher({
  log,
  partitions: options.partitions,
  partitionBy: ['references.reference'],
  observer: {
    published(source, records) {
      const line: ConnectorsProcessLine = { source, records };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    },
  },
});
const connectors = await startConnectors({
  config: {
    sources: Object.entries(options.sources).map(([name, written]) => {
      const spec = parseSource(name, written);
      return { ...spec, ...openSource(spec).rule };
    }),
    dataDir: options.dataDir,
    webhooks: { host: '127.0.0.1', port: 0, maxBody: 1_048_576, answerWithin: 10_000, maxUnderWay: 512 },
  },
  directory: options.directory,
  publisher,
  logger: createLogger({ level: 'warn', role: 'connectors' }),
  onFatal(error) {
    throw error;
  },
});

if (connectors.webhooksUrl !== undefined) {
  const start: ConnectorsProcessStart = { webhooksUrl: connectors.webhooksUrl };
  process.stdout.write(`${JSON.stringify(start)}\n`);
}

process.stdin.resume();
process.stdin.on('end', () => {
  void (async () => {
    await connectors.stop();
    await publisher.close();
    await log.close();
  })();
});
