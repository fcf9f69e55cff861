import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSource, parseSource } from '../../connectors/open-source.ts';
import type { BenchFigure } from '../figures.ts';

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

/** Writes statements of 200 lines with structured narratives. */
function mt940Text(lines: number): string {
  const parts: string[] = [];
  for (let first = 0; first < lines; first += 200) {
    const count = Math.min(200, lines - first);
    parts.push(
      `:20:S${first}`,
      ':25:AE070331234567890123456',
      `:28C:${first / 200}/1`,
      ':60F:C261120AED0,00',
    );
    for (let n = first; n < first + count; n++) {
      parts.push(
        `:61:2611211121C1,25NTRFREF${n}//BANK${n}`,
        `:86:/TRTP/TRANSFER/IBAN/AE070331234567890123456/NAME/CUSTOMER ${n}`,
        `/REMI/PAYMENT OF INVOICE ${n}/EREF/E2E${n}`,
      );
    }
    parts.push(`:62F:C261121AED${((count * 125) / 100).toFixed(2).replace('.', ',')}`, '-');
  }
  return parts.join('\r\n');
}

/**
 * Measures the parsers from file to records, without publishing. Each file is read twice and the second reading is
 * measured, so that compiling does not count.
 */
export async function runParserBench(options: { readonly quick: boolean }): Promise<BenchFigure[]> {
  const rows = options.quick ? 20_000 : 500_000;
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-bench-'));
  const figures: BenchFigure[] = [];
  try {
    for (const [name, connector, text] of [
      ['csv', 'csv', csvText(rows)],
      ['csv, quoted', 'csv', quotedText(rows)],
      ['mt940', 'mt940', mt940Text(rows / 2)],
    ] as const) {
      const path = join(folder, 'input');
      await writeFile(path, text);
      const { size } = await stat(path);
      const source = openSource(parseSource('bench', { connector, path }));
      let seconds = 0;
      let records = 0;
      for (let round = 0; round < 2; round++) {
        records = 0;
        const started = performance.now();
        for await (const batch of source.readFile(path, 'input')) {
          for (const item of batch) if (item.type === 'record') records++;
        }
        seconds = (performance.now() - started) / 1000;
      }
      figures.push(
        { name: `parsers: ${name}`, value: records / seconds, unit: 'records/s' },
        { name: `parsers: ${name}, bytes`, value: size / seconds / 1e6, unit: 'MB/s' },
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return figures;
}
