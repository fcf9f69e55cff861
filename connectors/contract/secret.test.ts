import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseConfig } from '../../engine/config/index.ts';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { Secret, isSecretEqual, pushSettings, secretSetting, secretsSetting } from './index.ts';

const VALUE = 'whsec_hidden_value';

describe('a secret', () => {
  it('is given by reveal, and by nothing else', () => {
    const secret = new Secret(VALUE);
    expect(secret.reveal()).toBe(VALUE);
    const shown = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9, showHidden: true }),
      JSON.stringify(Object.entries(secret)),
      JSON.stringify(structuredClone(secret)),
      new Error('x', { cause: secret }).stack,
    ];
    for (const text of shown) expect(text).not.toContain('hidden');
    expect(shown[0]).toBe('[secret]');
    expect(shown[1]).toBe('{"secret":"[secret]"}');
  });

  it('equals its own value only', () => {
    const secret = new Secret(VALUE);
    expect(isSecretEqual(secret, VALUE)).toBe(true);
    for (const text of ['', 'w', `${VALUE} `, VALUE.toUpperCase()]) {
      expect(isSecretEqual(secret, text)).toBe(false);
    }
  });
});

const schema = z.strictObject({
  ...pushSettings,
  apiKey: secretSetting,
  webhookSecrets: secretsSetting.optional(),
  deep: z.strictObject({ auth: z.array(z.strictObject({ pin: secretSetting })) }).optional(),
});

/** The settings of a source whose YAML is `lines`, or the lines that refuse it. */
function read(lines: string, env: { readonly [name: string]: string } = {}): z.infer<typeof schema> | string {
  const text = ['sources:', '  shop:', '    connector: test', ...lines.split('\n')].join('\n');
  try {
    const config = parseConfig(text, 'c.yaml', { test: schema }, { env, directory: '/' });
    return config.sources[0]!.settings as z.infer<typeof schema>;
  } catch (error) {
    return (error as CounterfoilError).message;
  }
}

describe('the setting of a secret', () => {
  const env = { KEY: VALUE, NEXT: `${VALUE}_next`, EMPTY: '' };

  it('takes it from the environment', () => {
    const settings = read('    apiKey: ${KEY}\n    webhookSecrets: ["${KEY}", "${NEXT}"]', env);
    if (typeof settings === 'string') throw new Error(settings);
    expect(settings.apiKey.reveal()).toBe(VALUE);
    expect(settings.webhookSecrets?.map((each) => each.reveal())).toEqual([VALUE, `${VALUE}_next`]);
    expect(JSON.stringify(settings)).not.toContain('hidden');
  });

  it('takes one where two may stand', () => {
    const settings = read('    apiKey: ${KEY}\n    webhookSecrets: ${KEY}', env);
    if (typeof settings === 'string') throw new Error(settings);
    expect(settings.webhookSecrets?.map((each) => each.reveal())).toEqual([VALUE]);
  });

  const of: readonly (readonly [string, string, string])[] = [
    ['written out', `apiKey: ${VALUE}`, '4:13: sources.shop.apiKey: a secret is written out here; put it'],
    [
      'written out in a list',
      `apiKey: \${KEY}\n    webhookSecrets: ["\${KEY}", ${VALUE}]`,
      '5:32: sources.shop.webhookSecrets[1]: a secret is written out here',
    ],
    [
      'written out in place of a list',
      `apiKey: \${KEY}\n    webhookSecrets: ${VALUE}`,
      '5:21: sources.shop.webhookSecrets[0]: a secret is written out here',
    ],
    [
      'written out further down',
      `apiKey: \${KEY}\n    deep: { auth: [{ pin: ${VALUE} }] }`,
      'sources.shop.deep.auth[0].pin: a secret is written out here',
    ],
    ['missing', 'zone: UTC', 'sources.shop.apiKey: a secret is wanted here: write ${NAME}'],
    ['empty', 'apiKey: ${EMPTY}', 'sources.shop.apiKey: this secret is empty'],
    ['a number', 'apiKey: 12345678', 'sources.shop.apiKey: a secret is text'],
    [
      'too many',
      'apiKey: ${KEY}\n    webhookSecrets: ["${KEY}", "${KEY}", "${KEY}"]',
      'sources.shop.webhookSecrets: 3 secrets are too many',
    ],
    [
      'none in a list',
      'apiKey: ${KEY}\n    webhookSecrets: []',
      'sources.shop.webhookSecrets: a secret is wanted',
    ],
    [
      'no text in a list',
      'apiKey: ${KEY}\n    webhookSecrets: ["${KEY}", {a: hidden}]',
      'sources.shop.webhookSecrets[1]: a secret is text',
    ],
    ['not set', 'apiKey: ${ABSENT}', 'environment variable ABSENT is not set'],
  ];

  it.each(of)('refuses one that is %s, without repeating it', (_name, line, message) => {
    const refused = read(`    ${line}`, env);
    if (typeof refused !== 'string') throw new Error('it was taken');
    expect(refused).toContain(message);
    expect(refused).not.toMatch(/hidden|12345678/);
    expect(refused.split('\n')).toHaveLength(1);
  });

  it('is not in the lines about other settings either', () => {
    const refused = read('    apiKey: ${KEY}\n    zone: ${KEY}\n    outOfOrder: ${KEY}', env);
    expect(refused).not.toContain('hidden');
    expect(refused).toContain('outOfOrder: "[substituted]" is not a duration');
  });
});
