import { availableParallelism, cpus, totalmem } from 'node:os';

/** One measured number. */
export type BenchFigure = {
  /** What was measured, unique within a suite: `codec: decode`. */
  name: string;
  value: number;
  /** Of `value`: `records/s`, `rows/s`, `ms`, `bytes`, `×`. */
  unit: string;
};

/** What the figures were measured on; they move from machine to machine. */
export type Machine = {
  /** Version of Node.js, such as `v20.20.2`. */
  node: string;
  platform: string;
  /** The processor as the system names it. */
  cpu: string;
  /** Cores that this process may use. */
  cores: number;
  memoryBytes: number;
};

/** Describes the machine at hand. */
export function machine(): Machine {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  };
}
