import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ratesSchema } from '../../engine/domain/index.ts';
import type { Rates } from '../../engine/domain/index.ts';
import { replaceFile } from '../contract/index.ts';

const keptSchema = z.object({ log: z.string(), rates: ratesSchema });

/** The rates that were published for one table, kept in a file, so that a start does not publish them all again. */
export class KeptRates {
  readonly #path: string;
  readonly #log: string;

  /** @param log tells one log from another: what was published to another log counts for nothing here */
  constructor(directory: string, table: string, log: string) {
    this.#path = join(directory, `${table}.json`);
    this.#log = log;
  }

  /** Those of the log; none where there is no file, or another log's, or one that cannot be read: all are published. */
  async read(): Promise<Rates> {
    try {
      const kept = keptSchema.parse(JSON.parse(await readFile(this.#path, 'utf8')));
      return kept.log === this.#log ? kept.rates : [];
    } catch {
      return [];
    }
  }

  /** Replaces the file as a whole. */
  async write(rates: Rates): Promise<void> {
    await replaceFile(this.#path, JSON.stringify({ log: this.#log, rates }));
  }
}

/** Makes the folder of kept rates, and removes what is kept of tables that have no source any more. */
export async function openKept(directory: string, tables: readonly string[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  const wanted = new Set(tables.map((table) => `${table}.json`));
  for (const file of await readdir(directory)) {
    if (!wanted.has(file)) await rm(join(directory, file), { force: true });
  }
}
