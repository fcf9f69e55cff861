import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SKELETON_KINDS, writeConnector } from '../cli/new-connector/new-connector.ts';
import { projectRoot } from '../local/project-root.ts';

const TOOL_MS = 120_000;
const COPIED = [
  'connectors',
  'engine',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  '.prettierrc.json',
];

test(
  'skeletons of every kind are formatted, type-check, and pass their own tests',
  () => {
    const root = mkdtempSync(join(tmpdir(), 'counterfoil-checkout-'));
    const node = (...args: string[]): void => {
      const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        cwd: root,
        timeout: TOOL_MS,
        encoding: 'utf8',
      });
      expect(status, `${args.join(' ')}:\n${stdout}${stderr}`).toBe(0);
    };
    const tool = (path: string): string => join(projectRoot(), 'node_modules', path);
    try {
      for (const each of COPIED) cpSync(join(projectRoot(), each), join(root, each), { recursive: true });
      symlinkSync(join(projectRoot(), 'node_modules'), join(root, 'node_modules'));
      const folders = SKELETON_KINDS.map((kind) => {
        writeConnector(root, `acme-${kind}`, kind);
        return `connectors/acme-${kind}`;
      });
      const config = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as {
        compilerOptions: object;
      };
      config.compilerOptions = { ...config.compilerOptions, incremental: false, tsBuildInfoFile: null };
      writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ ...config, include: folders }));
      node(tool('prettier/bin/prettier.cjs'), '--check', ...folders, 'connectors/registry.ts');
      node(tool('typescript/bin/tsc'), '-p', 'tsconfig.json', '--noEmit');
      node(tool('vitest/vitest.mjs'), 'run', '--project', 'unit', ...folders);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
  3 * TOOL_MS,
);
