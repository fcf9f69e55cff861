import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Scalar } from 'yaml';
import { CounterfoilError } from '../domain/index.ts';
import { ConfigDocument, pathText, plainOf, shortened } from './document.ts';
import { MAX_MESSAGE, issueLines } from './issue-lines.ts';
import { keepKnownKeys } from './known-keys.ts';
import type { Config } from './schema.ts';
import { createConfigSchema } from './schema.ts';
import type { ConnectorSchemas } from './sources.ts';
import { substitute } from './substitute.ts';
import { writtenSecrets } from './written-secrets.ts';

/** A configuration with the place it came from: the sources' relative paths start from `directory`. */
export interface LoadedConfig {
  readonly config: Config;
  readonly path: string;
  readonly directory: string;
}

/** The largest configuration file. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/**
 * Reads, substitutes and checks a configuration file.
 * @param path as given by the user; it stands in front of every error line
 * @throws CounterfoilError `fileNotFound`, `unreadableFile`; `invalidConfig` with one line for each thing wrong
 */
export function loadConfig(
  path: string,
  connectors: ConnectorSchemas,
  env: Readonly<{ [name: string]: string | undefined }> = process.env,
): LoadedConfig {
  const text = readText(path);
  // A pipe such as `<(sops -d secrets.yaml)` has no folder that paths could start from.
  const directory = statSync(path).isFile() ? dirname(resolve(path)) : process.cwd();
  const config = parseConfig(text, path, connectors, { env, directory });
  return { config: withPathsFrom(config, directory), path, directory };
}

/** {@link loadConfig} on a text; `name` is what error lines call it. */
export function parseConfig(
  text: string,
  name: string,
  connectors: ConnectorSchemas,
  source: Parameters<typeof substitute>[1],
): Config {
  const document = new ConfigDocument(text);
  const place = (offset: number): string => `${name}:${document.lineColumn(offset)}`;
  refuse(
    document.problems.map(
      (problem) => `${place(problem.offset)}: ${shortened(problem.message, MAX_MESSAGE)}`,
    ),
  );

  const secrets = new Set<Scalar>();
  const missing: string[] = [];
  document.replaceText((value, offset, scalar) => {
    if (!value.includes('${')) return value;
    secrets.add(scalar);
    try {
      return substitute(value, source);
    } catch (error) {
      missing.push(`${place(offset)}: ${(error as Error).message}`);
      return value;
    }
  });
  refuse(missing);

  const plain = plainOf(document, place(0)) ?? {};
  const result = createConfigSchema(connectors, source.directory).safeParse(plain, {
    error: keepKnownKeys(),
  });
  if (result.success) {
    refuse(writtenSecretLines(result.data, document, secrets, place));
    return inOrder(result.data, document.keysAt(['sources']));
  }
  throw new CounterfoilError(
    'invalidConfig',
    issueLines(result.error.issues, { document, plain, secrets, place }).join('\n'),
  );
}

/** A line for each secret that the file itself holds: whoever may read the configuration would have it. */
function writtenSecretLines(
  config: Config,
  document: ConfigDocument,
  substituted: ReadonlySet<Scalar>,
  place: (offset: number) => string,
): string[] {
  return config.sources
    .flatMap(({ name, settings }) => writtenSecrets(settings, ['sources', name], document, substituted))
    .map(
      (path) =>
        `${place(document.offsetOf(path))}: ${pathText(path)}: a secret is written out here; put it into the environment and write \${NAME}, or into a file and write \${file:/path}`,
    );
}

/** Folders of this process, absolute. Paths of sources are left to their connectors: results call them as written. */
function withPathsFrom(config: Config, directory: string): Config {
  const absolute = <T extends { readonly dataDir?: string | undefined }>(section: T): T =>
    section.dataDir === undefined ? section : { ...section, dataDir: resolve(directory, section.dataDir) };
  return { ...absolute(config), stream: absolute(config.stream), store: absolute(config.store) };
}

/** Sources as written: a JavaScript object would put names that are numbers first. */
function inOrder(config: Config, names: readonly string[]): Config {
  const sources = [...config.sources].sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  return { ...config, sources };
}

function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    if (code === 'ENOENT') {
      throw new CounterfoilError('fileNotFound', `${path}: there is no such file; check the path`, {
        cause: error,
      });
    }
    const reason =
      code === 'EISDIR' ? 'is a directory; name the YAML file in it' : `cannot be read (${code})`;
    throw new CounterfoilError('unreadableFile', `${path}: ${reason}`, { cause: error });
  }
  if (bytes.length > MAX_CONFIG_BYTES) {
    throw new CounterfoilError(
      'invalidConfig',
      `${path}: has ${bytes.length} bytes; a configuration has at most ${MAX_CONFIG_BYTES}`,
    );
  }
  return bytes.toString('utf8');
}

function refuse(lines: readonly string[]): void {
  if (lines.length > 0) throw new CounterfoilError('invalidConfig', lines.join('\n'));
}
