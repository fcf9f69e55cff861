import { describe, expect, test } from 'vitest';
import type { PartitionSummary } from '../domain/index.ts';
import { createLogger, createMetrics } from './index.ts';

/** What a logger wrote, line by line. */
function capture() {
  const lines: string[] = [];
  return {
    destination: { write: (line: string) => void lines.push(line) },
    text: () => lines.join(''),
    parsed: () => lines.map((line) => JSON.parse(line) as { [name: string]: unknown }),
  };
}

describe('logger', () => {
  test('writes one JSON object a line, with role, level by name and ISO time', () => {
    const out = capture();
    createLogger({ role: 'api', destination: out.destination }).info({ port: 8080 }, 'listening');
    expect(out.parsed()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
        role: 'api',
        port: 8080,
        msg: 'listening',
      },
    ]);
  });

  test('drops lines below its level', () => {
    const out = capture();
    const logger = createLogger({ level: 'warn', destination: out.destination });
    logger.info('no');
    logger.warn('yes');
    expect(out.parsed().map((line) => line['msg'])).toEqual(['yes']);
  });

  test('masks secrets by name, at depth, in bindings, in URLs, in sentences and by value', () => {
    const out = capture();
    const logger = createLogger({ destination: out.destination, secrets: ['pa"ss-literal'] });
    logger.child({ apiKey: 'hunter-1' }).info(
      {
        headers: { Authorization: ['Bearer hunter-2'], accept: 'x' },
        source: { auth: { webhook_secret: 'hunter-3' } },
        'stripe-signature': 'hunter-4',
        insert_deduplication_token: 'kept',
        url: 'nats://user:hunter-5@broker:4222',
      },
      'sent Bearer hunter-hunter-6 to https://u:hunter-7@host/x with pa"ss-literal',
    );
    logger.error({ err: new Error('cannot reach http://default:hunter-8@ch:8123') }, 'failed');
    expect(out.text()).not.toMatch(/hunter-\d/);
    expect(out.text()).not.toContain('pa\\"ss-literal');
    const [first, second] = out.parsed();
    expect(first).toMatchObject({ insert_deduplication_token: 'kept', headers: { accept: 'x' } });
    expect(first?.['url']).toBe('nats://[redacted]@broker:4222');
    expect(second?.['err']).toMatchObject({
      type: 'Error',
      message: 'cannot reach http://[redacted]@ch:8123',
    });
  });
});

const summary: PartitionSummary = {
  partition: 3,
  sequence: 41,
  logTime: 100_000,
  watermark: 97_500,
  records: 10,
  duplicates: 2,
  unrouted: 1,
  findings: 4,
  deadLetters: 1,
  open: 5,
  reconciliations: [
    {
      reconciliation: 'r',
      currency: 'AED',
      matches: 3,
      difference: 0,
      sides: {} as never,
      breaks: { unmatched: 2 },
      healed: 1,
      lag: [],
      ageing: [],
    },
  ],
};

describe('metrics', () => {
  test('two instances live in one process without sharing', async () => {
    const [one, two] = [createMetrics({ process: false }), createMetrics({ process: false })];
    one.publishedRecords.inc({ source: 'bank' }, 7);
    expect(await one.registry.metrics()).toContain('counterfoil_published_records_total{source="bank"} 7');
    expect(await two.registry.metrics()).not.toContain('source="bank"');
  });

  test('summaries of partitions become series; the latest of a partition counts once', async () => {
    const metrics = createMetrics({ process: false });
    metrics.observeSummary({ ...summary, records: 1 });
    metrics.observeSummary(summary);
    metrics.observeSummary({ ...summary, partition: 4, watermark: null });
    const text = await metrics.registry.metrics();
    expect(text).toContain('counterfoil_records_total{partition="3",outcome="accepted"} 10');
    expect(text).toContain('counterfoil_records_total{partition="3",outcome="duplicate"} 2');
    expect(text).toContain('counterfoil_records_total{partition="3",outcome="refused"} 1');
    expect(text).toContain('counterfoil_matches_total{reconciliation="r",currency="AED"} 6');
    expect(text).toContain('counterfoil_open_breaks{reconciliation="r",currency="AED",kind="unmatched"} 4');
    expect(text).toContain('counterfoil_watermark_lag_seconds{partition="3"} 2.5');
    expect(text).not.toContain('counterfoil_watermark_lag_seconds{partition="4"}');
    expect(await metrics.registry.metrics()).toBe(text);
  });

  test('names have the prefix and end in their base unit; the process is described too', async () => {
    const declared = await createMetrics({ process: false }).registry.getMetricsAsJSON();
    expect(declared.length).toBeGreaterThan(15);
    for (const metric of declared) {
      expect(metric.name).toMatch(/^counterfoil_[a-z_]+$/);
      expect(metric.help.length).toBeGreaterThan(5);
      if (String(metric.type) === 'histogram') expect(metric.name).toMatch(/_seconds$/);
      if (String(metric.type) === 'counter') expect(metric.name).toMatch(/_total$/);
    }
    expect(await createMetrics().registry.metrics()).toContain('process_cpu_seconds_total');
  });
});
