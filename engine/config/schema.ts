import { z } from 'zod';
import { MAX_PARTITIONS, keyFieldSchema, nameSchema, reconciliationSchema } from '../domain/index.ts';
import type { KeyField, Reconciliation } from '../domain/index.ts';
import { checkContracts } from './check-contracts.ts';
import type { CrossIssue } from './check-filter.ts';
import { checkSources } from './check-sources.ts';
import { checkReconciliations } from './cross-checks.ts';
import { WANTS_COMMANDS, fileCommandsSchema, type FileCommand } from './file-commands.ts';
import { rulesJson, toRuleSet } from './rules.ts';
import { integer } from './scalars.ts';
import {
  apiSchema,
  defaultShards,
  engineSchema,
  logSchema,
  storeSchema,
  streamSchema,
  webhooksSchema,
} from './sections.ts';
import type { ConnectorSchemas, SourceConfig } from './sources.ts';
import { sourceSchema } from './sources.ts';
import { splitRates, tableSections, type Tables } from './tables.ts';

/** The most sources and reconciliations of one deployment. */
const MAX_SOURCES = 1000;
const MAX_RECONCILIATIONS = 100;

/** The fewest years of records that UAE rules ask for. */
const LEAST_YEARS = 5;

/** Every setting, checked, with its defaults. Durations are milliseconds, sizes are bytes. */
export interface Config extends Tables {
  /** Where this process keeps its log, database and checkpoints, unless a section says otherwise. */
  readonly dataDir: string;
  /** Fixed when the log is created. */
  readonly partitions: number;
  readonly partitionBy: readonly KeyField[];
  /** In the order of the file. */
  readonly sources: readonly SourceConfig[];
  readonly reconciliations: readonly Reconciliation[];
  /** What people did, for the file command: a list, or the path of a file that holds one. */
  readonly commands?: string | readonly FileCommand[] | null | undefined;
  readonly stream: z.output<typeof streamSchema>;
  readonly store: z.output<typeof storeSchema>;
  readonly engine: z.output<typeof engineSchema> & { readonly shards: number };
  readonly api: z.output<typeof apiSchema>;
  readonly webhooks: z.output<typeof webhooksSchema>;
  readonly log: z.output<typeof logSchema>;
}

/** Commands, or the path of their file, which only the file command reads. */
const commandsSchema = z.union([z.string().min(1, 'wants a path'), fileCommandsSchema], {
  error: WANTS_COMMANDS,
});

/**
 * The schema of the whole configuration file.
 * @param connectors the settings of each connector that a source may name
 * @param directory where relative paths of rates files start from
 */
export function createConfigSchema(
  connectors: ConnectorSchemas,
  directory: string = process.cwd(),
): z.ZodType<Config> {
  return z
    .strictObject({
      dataDir: z.string().min(1, 'wants a path').prefault('.counterfoil/data'),
      partitions: integer(1, MAX_PARTITIONS).prefault(16),
      partitionBy: z.array(keyFieldSchema).min(1, 'wants at least one field').max(8).prefault(['account']),
      sources: z.record(nameSchema, sourceSchema(connectors)).prefault({}),
      reconciliations: z.array(reconciliationSchema).max(MAX_RECONCILIATIONS).prefault([]),
      commands: commandsSchema.nullish(),
      ...tableSections(directory),
      stream: streamSchema.prefault({}),
      store: storeSchema.prefault({}),
      engine: engineSchema.prefault({}),
      api: apiSchema.prefault({}),
      webhooks: webhooksSchema.prefault({}),
      log: logSchema.prefault({}),
    })
    .transform((written) => ({
      ...written,
      ...splitRates(written.rates),
      sources: Object.entries(written.sources).map(([name, source]) => ({ name, ...source })),
      engine: { ...written.engine, shards: written.engine.shards ?? defaultShards(written.partitions) },
    }))
    .superRefine((config, context) => {
      for (const issue of [
        ...checkReconciliations(config),
        ...checkSources(config),
        ...checkContracts(config.feeContracts),
        ...checkSize(config),
        ...checkRelations(config),
      ]) {
        context.addIssue({ code: 'custom', path: [...issue.path], message: issue.message });
      }
    });
}

/** The most bytes of rules as JSON: they are one message of the log, whose server takes 4 MiB. */
const MAX_RULES_BYTES = 4_000_000;

/** Rates travel with the rules, so that there is an end to how many. */
function* checkSize(config: Config): Generator<CrossIssue> {
  if (Object.keys(config.rates).length === 0) return;
  const bytes = Buffer.byteLength(rulesJson(toRuleSet(config)));
  if (bytes <= MAX_RULES_BYTES) return;
  yield {
    path: ['rates'],
    message: `rules with these rates are ${bytes} bytes, at most ${MAX_RULES_BYTES}; leave out rates that are older than any record`,
  };
}

/** Settings that are fine alone and not together. */
function* checkRelations(config: Config): Generator<CrossIssue> {
  const { engine, partitions, store, stream } = config;
  if (config.sources.length > MAX_SOURCES) {
    yield {
      path: ['sources'],
      message: `${config.sources.length} sources are configured; at most ${MAX_SOURCES}`,
    };
  }
  if (engine.shards > partitions) {
    yield {
      path: ['engine', 'shards'],
      message: `${engine.shards} shards share ${partitions} partitions; wants at most one shard per partition`,
    };
  }
  if (engine.flushInterval > engine.checkpointInterval) {
    yield {
      path: ['engine', 'flushInterval'],
      message: `${engine.flushInterval} ms is longer than engine.checkpointInterval (${engine.checkpointInterval} ms): a checkpoint waits for rows to be stored`,
    };
  }
  for (const source of config.sources) {
    if (source.idleTimeout < engine.tickInterval) {
      yield {
        path: ['sources', source.name, 'idleTimeout'],
        message: `${source.idleTimeout} ms is shorter than engine.tickInterval (${engine.tickInterval} ms), by which time is told; wants at least as long`,
      };
    }
  }
  if (new Set(config.partitionBy).size < config.partitionBy.length) {
    yield { path: ['partitionBy'], message: 'a field is listed twice; name it once' };
  }
  if (stream.url !== undefined && stream.dataDir !== undefined) {
    yield {
      path: ['stream', 'dataDir'],
      message:
        'belongs to the nats-server that Counterfoil starts, but stream.url names another; leave one out',
    };
  }
  if (stream.url === undefined && stream.replicas > 1) {
    yield {
      path: ['stream', 'replicas'],
      message: `${stream.replicas} replicas need a cluster; set stream.url, or leave it at 1`,
    };
  }
  if (store.retainYears !== undefined && store.retainYears < LEAST_YEARS && !store.allowShortRetention) {
    yield {
      path: ['store', 'retainYears'],
      message: `${store.retainYears} years are fewer than the ${LEAST_YEARS} that UAE rules ask for; raise it, or set store.allowShortRetention: true`,
    };
  }
  if (store.url === 'embedded') {
    for (const key of ['username', 'password'] as const) {
      if (store[key] !== undefined) {
        yield {
          path: ['store', key],
          message: 'the embedded database has no users; set store.url, or leave it out',
        };
      }
    }
  } else if (store.dataDir !== undefined) {
    yield {
      path: ['store', 'dataDir'],
      message: 'belongs to the embedded database, but store.url names a server; leave one out',
    };
  }
  if (store.password !== undefined && store.username === undefined) {
    yield { path: ['store', 'password'], message: 'a password needs store.username' };
  }
}
