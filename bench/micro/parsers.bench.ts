import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSource, parseSource } from '../../connectors/open-source.ts';
import type { BenchFigure } from '../figures.ts';
import { runCamtMemory } from './camt-memory.bench.ts';
import { camtText, major } from './camt-text.ts';
import { mt103Text, mt940Text, mt942Text } from './swift-text.ts';

/** Writes CSV rows as a ledger exports them. */
function csvText(rows: number): string {
  const lines = ['id,account,reference,amount,currency,time,kind'];
  for (let n = 0; n < rows; n++) {
    const day = String(1 + (n % 28)).padStart(2, '0');
    lines.push(`g${n},default,ref-${n},${(n % 100_000) / 100},AED,2026-11-${day}T10:00:00Z,charge`);
  }
  return lines.join('\n');
}

/** The same with every field quoted. */
function quotedText(rows: number): string {
  return csvText(rows)
    .split('\n')
    .map((line) => `"${line.replaceAll(',', '","')}"`)
    .join('\n');
}

/** How an acquirer's settlement file is read that {@link settlementText} writes. */
const SETTLEMENT = {
  columns: {
    id: ['Batch', 'Seq'],
    reference: 'Order',
    amount: 'Gross',
    fee: 'Commission',
    tax: 'VAT',
    net: 'Net',
    time: ['Date', 'Time'],
    kind: 'Type',
  },
  direction: { column: 'DR/CR', adds: ['CR'], subtracts: ['DR'] },
  numbers: { thousands: ',' },
  signs: { fee: 'amount', tax: 'amount' },
  times: { time: { format: 'dd/MM/yyyy HH:mm:ss', zone: 'Asia/Dubai' } },
  kinds: { SALE: 'charge', REFUND: 'refund' },
  currency: 'AED',
  trailer: { where: { is: 'TRL' }, count: 2, totals: { net: 3 } },
};

/** Writes rows as an acquirer does: unsigned, with DR/CR, fees, separate date and time, and a trailer. */
function settlementText(rows: number): string {
  const lines = ['Batch,Seq,Order,Type,DR/CR,Gross,Commission,VAT,Net,Date,Time'];
  for (let n = 0; n < rows; n++) {
    const day = String(1 + (n % 28)).padStart(2, '0');
    const type = n % 10 === 0 ? 'REFUND,DR' : 'SALE,CR';
    lines.push(`B1,${n},ord-${n},${type},"1,000.00",22.50,1.13,976.37,${day}/11/2026,10:00:00`);
  }
  const refunds = Math.ceil(rows / 10);
  lines.push(`TRL,${rows},${major((rows - 2 * refunds) * 97_637)}`);
  return lines.join('\n');
}

/** How {@link ndjsonText} is read. */
const NDJSON = {
  fields: { id: 'id', reference: 'order.ref', amount: 'amount', time: 'at', kind: 'type' },
  currency: 'AED',
};

function ndjsonText(rows: number): string {
  const lines: string[] = [];
  for (let n = 0; n < rows; n++) {
    const day = String(1 + (n % 28)).padStart(2, '0');
    lines.push(
      `{"id":"g${n}","type":"charge","order":{"ref":"ref-${n}"},"amount":${(n % 100_000) / 100},"at":"2026-11-${day}T10:00:00Z"}`,
    );
  }
  return lines.join('\n');
}

/** The first reading compiles what the others use; of those the fastest counts, because other processes run too. */
const READINGS = 3;

/** Measures the parsers from file to records, without publishing. */
export async function runParserBench(options: { readonly quick: boolean }): Promise<BenchFigure[]> {
  const rows = options.quick ? 20_000 : 500_000;
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-bench-'));
  const figures: BenchFigure[] = [];
  try {
    for (const [name, connector, textOf, settings = {}] of [
      ['csv', 'csv', () => csvText(rows)],
      ['csv, quoted', 'csv', () => quotedText(rows)],
      ['csv, settlement file', 'csv', () => settlementText(rows), SETTLEMENT],
      ['ndjson', 'ndjson', () => ndjsonText(rows), NDJSON],
      ['mt940', 'mt940', () => mt940Text(rows / 2)],
      ['mt942', 'mt942', () => mt942Text(rows / 2)],
      ['mt103', 'mt103', () => mt103Text(rows / 5)],
      ['camt', 'camt', () => camtText(rows / 4)],
      ['camt, on one line', 'camt', () => camtText(rows / 4).replaceAll(/\n */g, '')],
    ] as const) {
      const path = join(folder, 'input');
      await writeFile(path, textOf());
      const { size } = await stat(path);
      const source = openSource(parseSource('bench', { connector, path, ...settings }));
      let seconds = Infinity;
      let records = 0;
      for (let reading = 0; reading < READINGS; reading++) {
        records = 0;
        const started = performance.now();
        for await (const batch of source.readFile(path, 'input')) {
          for (const item of batch) if (item.type === 'record') records++;
        }
        if (reading > 0) seconds = Math.min(seconds, (performance.now() - started) / 1000);
      }
      figures.push(
        { name: `parsers: ${name}`, value: records / seconds, unit: 'records/s' },
        { name: `parsers: ${name}, bytes`, value: size / seconds / 1e6, unit: 'MB/s' },
      );
    }
    figures.push(...(await runCamtMemory(folder, options)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return figures;
}
