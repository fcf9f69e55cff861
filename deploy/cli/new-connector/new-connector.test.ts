import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { projectRoot } from '../../local/project-root.ts';
import { SKELETON_KINDS, writeConnector } from './new-connector.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'counterfoil-skeleton-'));
  mkdirSync(join(root, 'connectors'));
  cpSync(join(projectRoot(), 'connectors/registry.ts'), join(root, 'connectors/registry.ts'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const registry = (): string => readFileSync(join(root, 'connectors/registry.ts'), 'utf8');

describe('a new connector', () => {
  test.each(SKELETON_KINDS)('of kind %s is written and registered', (kind) => {
    const lines = writeConnector(root, 'acme-pay', kind);
    for (const file of ['index.ts', 'settings.ts', 'translate.ts', 'translate.test.ts']) {
      expect(lines).toContain(`wrote  connectors/acme-pay/${file}`);
      const text = readFileSync(join(root, 'connectors/acme-pay', file), 'utf8');
      expect(text).not.toMatch(/undefined\b.*Settings|\$\{(?:name|identifier|type)\}/);
    }
    expect(readFileSync(join(root, 'connectors/acme-pay/index.ts'), 'utf8')).toContain(
      'export const acmePay: Connector<AcmePaySettings> = {',
    );
    expect(registry()).toContain("import { acmePay } from './acme-pay/index.ts';");
    expect(registry()).toMatch(/CONNECTORS: readonly Connector\[\] = \[[^\]]*,\n {2}acmePay,\n\];/);
  });

  test('of a name that is none, or taken, of no such kind, or outside a checkout, is one clear line', () => {
    const before = registry();
    mkdirSync(join(root, 'connectors/stripe'));
    for (const [name, kind, message] of [
      ['Acme Pay', 'live', /found "Acme Pay" as the name; it wants small letters, digits and single dashes/],
      ['../acme', 'live', /as the name/],
      ['stripe', 'live', /connectors\/stripe exists already/],
      ['acme', 'magic', /--kind: found "magic"; it wants file, push, live/],
    ] as const) {
      expect(() => writeConnector(root, name, kind)).toThrow(message);
    }
    expect(() => writeConnector(join(root, 'nowhere'), 'acme', 'live')).toThrow(
      /no connectors\/registry\.ts/,
    );
    expect(registry()).toBe(before);
  });

  test('is not written where the registry is not understood', () => {
    writeFileSync(join(root, 'connectors/registry.ts'), 'export const CONNECTORS = [];\n');
    expect(() => writeConnector(root, 'acme', 'live')).toThrow(/add acme to it by hand/);
    expect(existsSync(join(root, 'connectors/acme'))).toBe(false);
  });
});
