import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createScenario } from '../scenario/index.ts';
import { PaypalBooks } from './books.ts';

/** PayPal's own descriptions of its API, kept beside the project where they are. */
const SAMPLES = resolve(import.meta.dirname, '../../../../shared/samples/paypal');
const present = existsSync(SAMPLES);
if (!present)
  console.log(`PayPal's OpenAPI files are not at ${SAMPLES}: the checks against them are left out`);

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly properties?: { readonly [name: string]: Schema };
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly maxLength?: number;
}

/** Whether a value is what a schema says: no field that is not in it, and each text as it may be. */
class Checker {
  readonly #schemas: { readonly [name: string]: Schema };
  readonly problems = new Set<string>();

  constructor(file: string) {
    const api = JSON.parse(readFileSync(join(SAMPLES, file), 'utf8')) as {
      readonly components: { readonly schemas: { readonly [name: string]: Schema } };
    };
    this.#schemas = api.components.schemas;
  }

  check(name: string, value: unknown): void {
    this.#check({ $ref: `#/${name}` }, value, name);
  }

  #check(schema: Schema, value: unknown, path: string): void {
    if (Array.isArray(value)) {
      for (const each of value) this.#check(this.#flat(schema).items ?? {}, each, `${path}[]`);
    } else if (typeof value === 'object' && value !== null) {
      const { properties = {} } = this.#flat(schema);
      for (const [name, each] of Object.entries(value)) {
        if (properties[name] === undefined) this.problems.add(`${path}.${name} is not described`);
        else this.#check(properties[name], each, `${path}.${name}`);
      }
    } else if (typeof value === 'string') {
      const { enum: known, pattern, maxLength = Infinity } = this.#flat(schema);
      const isKnown = known === undefined || known.includes(value);
      const fits = pattern === undefined || new RegExp(pattern).test(value);
      if (!isKnown || !fits || value.length > maxLength) this.problems.add(`${path} may not be ${value}`);
    }
  }

  #flat(schema: Schema): Schema {
    const named = schema.$ref === undefined ? schema : this.#schemas[schema.$ref.split('/').at(-1)!]!;
    const parts = (named.allOf ?? []).map((part) => this.#flat(part));
    return Object.assign({}, ...parts, named, {
      properties: Object.assign({}, ...[...parts, named].map(({ properties }) => properties ?? {})) as object,
    }) as Schema;
  }
}

describe.skipIf(!present)('PayPal’s own descriptions', () => {
  const books = new PaypalBooks();
  const scenario = createScenario({ seed: 21, payments: 200, providers: ['paypal'] });
  for (const happening of scenario.happenings) books.apply(happening);

  test('have every field of the simulated captures and refunds', () => {
    const checker = new Checker('payments_payment_v2.json');
    for (const capture of books.captures.values()) checker.check('capture-2', capture);
    for (const refund of books.refunds.values()) checker.check('refund', refund);
    expect([...checker.problems]).toEqual([]);
    expect(books.captures.size).toBeGreaterThan(100);
  });

  test('have every field of the simulated rows, but for the colon that PayPal leaves out of offsets', () => {
    const checker = new Checker('reporting_transactions_v1.json');
    for (const { transaction_info: info } of books.rows) checker.check('transaction_info', info);
    const others = [...checker.problems].filter((problem) => !/_date may not be \S+\+0400$/.test(problem));
    expect(others).toEqual([]);
    expect(books.rows.length).toBeGreaterThan(200);
  });

  test('have every field of the simulated events', () => {
    const checker = new Checker('notifications_webhooks_v1.json');
    for (const { resource, ...event } of books.events) {
      checker.check('event', event);
      expect(resource).toBeDefined();
    }
    expect([...checker.problems]).toEqual([]);
  });
});
