import { expect, it } from 'vitest';
import { CONNECTOR_SCHEMAS } from '../../../connectors/open-source.ts';
import { parseConfig, toRuleSet } from '../../../engine/config/index.ts';
import type { Command, MoneyRecord, RuleSet } from '../../../engine/domain/index.ts';
import { recordsMessage, tickMessage } from '../../../engine/testing/index.ts';
import { Lockstep } from './lockstep.ts';

const T = Date.UTC(2026, 10, 20, 10);
const HOUR = 3_600_000;

/** Rules from dollars to dirhams, whose table has a source or not. */
function rules(tolerance: string, source: string): RuleSet {
  const yaml = `
sources: { gateway: { connector: http-json }, bank: { connector: http-json } }
rates: { cb: { ${source}, values: [{ date: 2026-01-01, from: USD, to: AED, rate: '1' }] } }
reconciliations:
  - name: r
    left: { sources: [gateway] }
    right: { sources: [bank] }
    window: { before: 1h, after: 1h }
    rules:
      - name: converted
        keys: [reference]
        fx: { from: USD, to: AED, rate: { table: cb } }
        tolerance: { amount: '${tolerance}' }
`;
  return toRuleSet(
    parseConfig(yaml.replace('{ ,', '{ '), 'c.yaml', CONNECTOR_SCHEMAS, { env: {}, directory: '.' }),
  );
}

function record(source: string, currency: string, amount: bigint): MoneyRecord {
  return {
    source,
    id: source,
    account: 'a',
    kind: 'ledger',
    status: 'booked',
    currency,
    amount,
    fee: 0n,
    tax: 0n,
    time: T,
    precision: 'instant',
    offsetMinutes: 0,
    references: { reference: 'R' },
    attributes: {},
  };
}

const publish: Command = {
  kind: 'rates',
  id: 'rates-1',
  by: 'rates source cb',
  why: 'published',
  table: 'cb',
  rates: [{ date: '2026-11-20', from: 'USD', to: 'AED', rate: '3.6725' }],
};

it('both runs have the rates that were published, as far as their tables have a source', () => {
  const run = (oldRules: RuleSet, newRules: RuleSet) => {
    const lockstep = new Lockstep({
      kernel: { epoch: 0, partition: 0, watermark: 'sources' },
      oldRules,
      newRules,
      start: { sequence: 1, logTime: T },
      hasCommands: false,
    });
    const records = [record('gateway', 'USD', 10_000n), record('bank', 'AED', 36_700n)];
    lockstep.apply(recordsMessage(2, T, records));
    lockstep.apply({
      sequence: 3,
      logTime: T + 1,
      frame: { kind: 'command', json: JSON.stringify(publish) },
    });
    lockstep.apply(tickMessage(4, T + HOUR));
    return lockstep.compare();
  };
  const source = 'source: { path: rates.csv }';
  expect(run(rules('0.50', source), rules('1.00', source)).agreed).toEqual(new Map([['r AED', 1]]));
  const lost = run(rules('0.50', source), rules('0.50', ''));
  expect(lost.lost).toMatchObject([{ difference: 25 }]);
  expect(lost.agreed.size).toBe(0);
});
