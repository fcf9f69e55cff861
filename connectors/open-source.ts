import { CounterfoilError, Zone } from '../engine/domain/index.ts';
import type { SourceRule, Translated } from '../engine/domain/index.ts';
import type { z } from 'zod';
import { Accounts, settingsError } from './contract/index.ts';
import type {
  CommonSettings,
  Connector,
  FilePortion,
  LiveContext,
  LiveSession,
  SourceContext,
} from './contract/index.ts';
import { CONNECTORS } from './registry.ts';

/** A source as configuration describes it, its settings already read by the connector's schema. */
export interface SourceSpec {
  readonly name: string;
  readonly connector: string;
  readonly settings: unknown;
}

/** A configured source, ready to read. */
export interface Source {
  readonly name: string;
  readonly connector: Connector;
  readonly settings: CommonSettings;
  /** What the kernel needs to know of it. */
  readonly rule: SourceRule;
  /** As configured: a file, a folder or a pattern. Undefined for a source without files. */
  readonly path: string | undefined;
  /**
   * Reads one file; see {@link Connector.readFile}.
   * @param file what ids, origins and messages call it: its path as configured
   * @param portion which part of it; without it all
   * @throws CounterfoilError `invalidConfig` where the connector reads no files
   */
  readFile(path: string, file: string, portion?: FilePortion): AsyncIterable<Translated[]>;
  /**
   * Translates one pushed payload; see {@link Connector.translate}.
   * @throws CounterfoilError `invalidConfig` where nothing can be pushed to the connector
   */
  translate(payload: unknown): Translated[];
  /**
   * Reads the payload of a dead letter again; see {@link Connector.retranslate}.
   * @throws CounterfoilError `invalidConfig` where the connector has no payloads of its own
   */
  retranslate(payload: string): Translated[] | Promise<Translated[]>;
  /** Starts talking with the provider; undefined for a connector that does not. See {@link Connector.open}. */
  openSession(runtime: Pick<LiveContext, 'http' | 'now' | 'signal' | 'kept'>): LiveSession | undefined;
}

/** Every connector's settings by its name, for reading a configuration. */
export const CONNECTOR_SCHEMAS: { readonly [connector: string]: z.ZodType } = Object.fromEntries(
  CONNECTORS.map((connector) => [connector.name, connector.settings]),
);

/** Reads a source's settings as they are written. @throws CounterfoilError `invalidConfig` naming what is wrong */
export function parseSource(
  name: string,
  written: { readonly connector: string; readonly [setting: string]: unknown },
): SourceSpec {
  const { connector, ...settings } = written;
  const result = connectorNamed(name, connector).settings.safeParse(settings);
  if (!result.success) throw settingsError(name, result.error);
  return { name, connector, settings: result.data };
}

/**
 * @param notice takes lines for the operator
 * @throws CounterfoilError `invalidConfig` for a connector that does not exist
 */
export function openSource(spec: SourceSpec, notice: (line: string) => void = () => undefined): Source {
  const connector = connectorNamed(spec.name, spec.connector);
  const settings = spec.settings as CommonSettings & { readonly path?: string };
  const context: SourceContext = {
    source: spec.name,
    zone: new Zone(settings.zone),
    accounts: new Accounts(settings),
    notice,
  };
  let deliveries = 0;
  return {
    name: spec.name,
    connector,
    settings,
    rule: {
      name: spec.name,
      outOfOrder: settings.outOfOrder,
      idleTimeout: settings.idleTimeout,
      onIdReuse: settings.onIdReuse,
      amends: settings.amends,
    },
    path: settings.path,
    readFile(path, file, portion) {
      if (connector.readFile === undefined) throw cannot(spec, 'reads no files; post its records to the API');
      return connector.readFile(path, { ...context, ...portion, file }, settings);
    },
    translate(payload) {
      if (connector.translate === undefined) throw cannot(spec, 'reads files; nothing can be posted to it');
      return connector.translate(payload, { ...context, delivery: ++deliveries }, settings);
    },
    retranslate(payload) {
      if (connector.retranslate === undefined) {
        throw cannot(spec, 'cannot read the payload of a dead letter again; its provider is asked instead');
      }
      return connector.retranslate(payload, { ...context, delivery: ++deliveries }, settings);
    },
    openSession: (runtime) => connector.open?.({ ...context, ...runtime }, settings),
  };
}

function connectorNamed(source: string, name: string): Connector {
  const connector = CONNECTORS.find((candidate) => candidate.name === name);
  if (connector !== undefined) return connector;
  const names = CONNECTORS.map((candidate) => candidate.name).join(', ');
  throw new CounterfoilError(
    'invalidConfig',
    `source "${source}": there is no connector "${name.slice(0, 60)}"; use one of ${names}`,
  );
}

function cannot(spec: SourceSpec, what: string): CounterfoilError {
  return new CounterfoilError('invalidConfig', `source "${spec.name}": connector ${spec.connector} ${what}`);
}
