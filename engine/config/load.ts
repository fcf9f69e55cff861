import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Scalar } from 'yaml';
import { CounterfoilError } from '../domain/index.ts';
import { describeIssue, keepKnownKeys } from './describe.ts';
import type { DocumentPath } from './document.ts';
import { ConfigDocument, pathText, shortened } from './document.ts';
import type { Config } from './schema.ts';
import { createConfigSchema } from './schema.ts';
import type { ConnectorSchemas } from './sources.ts';
import { narrowed } from './narrow.ts';
import { substitute } from './substitute.ts';
import { didYouMean } from './suggest.ts';
import { writtenSecrets } from './written-secrets.ts';

/** A configuration with the place it came from: the sources' relative paths start from `directory`. */
export interface LoadedConfig {
  readonly config: Config;
  readonly path: string;
  readonly directory: string;
}

/** Characters of a message, which may show what was found. */
const MAX_MESSAGE = 1000;

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
  const lines: string[] = [];
  const line = (path: DocumentPath, message: string, ofKey = false): void => {
    const at = path.length === 0 ? '' : `${pathText(path)}: `;
    lines.push(
      `${place(document.offsetOf(path, ofKey))}: ${at}${ruleAt(path, plain, message)}${shortened(withoutValues(message, secrets), MAX_MESSAGE)}`,
    );
  };
  for (const issue of result.error.issues.flatMap((each) => narrowed(each))) {
    if (issue.code === 'unrecognized_keys') {
      const known = issue.message.split(' ');
      for (const key of issue.keys) {
        line(
          [...issue.path, key],
          `unknown setting${didYouMean(key, known) || `; known here are ${known.join(', ')}`}`,
          true,
        );
      }
      continue;
    }
    line(
      issue.path,
      describeIssue(issue, show(document, issue.path, plain, secrets)),
      issue.code === 'invalid_key',
    );
  }
  throw new CounterfoilError('invalidConfig', lines.join('\n'));
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

/** The document's values; one that grows without end by its aliases is refused. */
function plainOf(document: ConfigDocument, place: string): unknown {
  try {
    return document.toPlain();
  } catch (error) {
    throw new CounterfoilError(
      'invalidConfig',
      `${place}: ${(error as Error).message.replaceAll(/\s+/g, ' ')}`,
      {
        cause: error,
      },
    );
  }
}

/** `rule "by-reference": ` for a place inside a rule, where the message does not name it itself. */
function ruleAt(path: DocumentPath, plain: unknown, message: string): string {
  if (path[0] !== 'reconciliations' || path[2] !== 'rules' || path.length < 5 || message.startsWith('rule "'))
    return '';
  const name = valueAt(plain, [...path.slice(0, 4), 'name']);
  return typeof name === 'string' ? `rule ${JSON.stringify(name.slice(0, 64))}: ` : '';
}

/** Folders of this process, absolute. Paths of sources are left to their connectors: results call them as written. */
function withPathsFrom(config: Config, directory: string): Config {
  const absolute = <T extends { readonly dataDir?: string | undefined }>(section: T): T =>
    section.dataDir === undefined ? section : { ...section, dataDir: resolve(directory, section.dataDir) };
  return { ...absolute(config), stream: absolute(config.stream), store: absolute(config.store) };
}

/** The value at `path` as an error line may show it: short, on one line, and never a secret. */
function show(
  document: ConfigDocument,
  path: DocumentPath,
  plain: unknown,
  secrets: ReadonlySet<unknown>,
): string | undefined {
  const value = valueAt(plain, path);
  if (value === undefined) return undefined;
  if (value === null) return 'nothing after the colon';
  if (secrets.has(document.nodeAt(path))) return 'a substituted value';
  if (namesSecret(path) || path.includes('headers')) return 'a value';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  return JSON.stringify(value);
}

/** Whether what stands at `path` may be a secret, by its name; what a source calls a secret may be a list of them. */
function namesSecret(path: DocumentPath): boolean {
  const names = path[0] === 'sources' ? path.slice(2) : path.slice(-1);
  return names.some((name) => /password|secret|token|key$/i.test(String(name)));
}

/** What is shorter is no secret, and would be found in words where it is not meant. */
const LEAST_SECRET_LENGTH = 8;

/** A message without the substituted values that it quotes, whole or cut off: any of them may be a secret. */
function withoutValues(message: string, substituted: ReadonlySet<Scalar>): string {
  let result = message;
  for (const { value } of substituted) {
    if (typeof value !== 'string' || value.length < LEAST_SECRET_LENGTH) continue;
    const begin = `"${value.slice(0, LEAST_SECRET_LENGTH)}`;
    for (let at = result.indexOf(begin); at >= 0; at = result.indexOf(begin)) {
      let length = begin.length;
      while (length <= value.length && result[at + length] === value[length - 1]) length++;
      result = `${result.slice(0, at)}"[substituted]${result.slice(at + length)}`;
    }
  }
  return result;
}

function valueAt(plain: unknown, path: DocumentPath): unknown {
  let value = plain;
  for (const segment of path)
    value = (value as { [key: PropertyKey]: unknown } | null | undefined)?.[segment];
  return value;
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
