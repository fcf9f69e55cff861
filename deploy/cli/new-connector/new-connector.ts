import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CounterfoilError } from '../../../engine/domain/index.ts';
import { fileSkeleton } from './file-skeleton.ts';
import { liveSkeleton } from './live-skeleton.ts';
import { pushSkeleton } from './push-skeleton.ts';
import type { Skeleton } from './skeleton.ts';

/** Ways in which input reaches a connector, and the skeleton of each. */
const SKELETONS = { file: fileSkeleton, push: pushSkeleton, live: liveSkeleton } as const;

export const SKELETON_KINDS = Object.keys(SKELETONS) as readonly (keyof typeof SKELETONS)[];

/** The name of a connector: it becomes a folder, a word of configurations and an identifier. */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const MAX_NAME = 40;
const FORMAT_MS = 60_000;

/**
 * Writes the skeleton of a connector into a checkout, with tests that pass, and registers it.
 * @param root the checkout
 * @returns what was written, and what is left to do, as lines
 * @throws CounterfoilError `invalidField` for a name that is none or taken, `fileNotFound` outside a checkout
 */
export function writeConnector(root: string, name: string, kind: string): string[] {
  if (!NAME.test(name) || name.length > MAX_NAME) {
    throw new CounterfoilError(
      'invalidField',
      `found "${name.slice(0, MAX_NAME)}" as the name; it wants small letters, digits and single dashes, such as acme-pay`,
    );
  }
  const make = Object.hasOwn(SKELETONS, kind) ? SKELETONS[kind as keyof typeof SKELETONS] : undefined;
  if (make === undefined) {
    throw new CounterfoilError(
      'invalidField',
      `--kind: found "${kind}"; it wants ${SKELETON_KINDS.join(', ')}`,
    );
  }
  const registry = join(root, 'connectors', 'registry.ts');
  if (!existsSync(registry)) {
    throw new CounterfoilError(
      'fileNotFound',
      `there is no connectors/registry.ts in ${root}; a connector is written into a checkout of Counterfoil`,
    );
  }
  const folder = join(root, 'connectors', name);
  if (existsSync(folder)) {
    throw new CounterfoilError('invalidField', `connectors/${name} exists already; choose another name`);
  }
  const skeleton = namesOf(name);
  // First, so that nothing is written where the registry cannot be understood.
  const registered = registeredIn(readFileSync(registry, 'utf8'), skeleton);
  mkdirSync(folder);
  const files = Object.entries(make(skeleton)).map(([file, text]) => {
    const path = join(folder, file);
    writeFileSync(path, text, { flag: 'wx' });
    return path;
  });
  writeFileSync(registry, registered);
  format(root, [...files, registry]);
  return [
    ...[...files, registry].map((path) => `wrote  ${relative(root, path)}`),
    '',
    'Its tests pass:  npx vitest run --project unit connectors/' + name,
    'Next:',
    '  1. Write what the provider really sends into translate.test.ts, and make translate.ts say it.',
    '  2. Give it a case in connectors/conformance: the suite fails until it has one.',
    '  3. Describe its settings and its choices in connectors/README.md, where "Add a connector" has all steps.',
  ];
}

/** How long lines wrap depends on how long the name is. Without the formatter, `npm run check` will say so. */
function format(root: string, files: readonly string[]): void {
  const prettier = join(root, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
  if (!existsSync(prettier)) return;
  spawnSync(process.execPath, [prettier, '--write', '--log-level=silent', ...files], {
    cwd: root,
    timeout: FORMAT_MS,
    stdio: 'ignore',
  });
}

function namesOf(name: string): Skeleton {
  const identifier = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return { name, identifier, type: `${identifier[0]!.toUpperCase()}${identifier.slice(1)}` };
}

/** @throws CounterfoilError `invalidField` where the registry does not look as it should */
function registeredIn(registry: string, { name, identifier }: Skeleton): string {
  const lastImport = /^import .* from '\.\/[\w-]+\/index\.ts';$(?![\s\S]*^import )/m;
  const list = /^(export const CONNECTORS: readonly Connector\[\] = \[)([\s\S]*?)(,?\s*)\];$/m;
  if (!lastImport.test(registry) || !list.test(registry)) {
    throw new CounterfoilError(
      'invalidField',
      `connectors/registry.ts does not end its imports and list its connectors as expected; add ${identifier} to it by hand`,
    );
  }
  return registry
    .replace(lastImport, (line) => `${line}\nimport { ${identifier} } from './${name}/index.ts';`)
    .replace(list, (_, head: string, entries: string) => `${head}${entries},\n  ${identifier},\n];`);
}
