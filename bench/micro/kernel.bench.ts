import type { BenchFigure } from '../figures.ts';
import { compareWithPeer } from './compare.ts';
import { TRACE_RULES, traceFrames } from './kernel-trace.ts';
import { measureOpenRecords } from './open-records.bench.ts';
import { measureReindexing } from './reindex.bench.ts';

/**
 * The kernel against a matcher of Maps and objects, on the same frames in one run, in turns; what an open record costs
 * in a process of its own; and how long a change of rules takes.
 * @throws Error when the two do not give the same results
 */
export async function runKernelBench(options: { quick: boolean }): Promise<BenchFigure[]> {
  const records = options.quick ? 60_000 : 1_000_000;
  const { kernelRate, peerRate } = compareWithPeer('the trace', TRACE_RULES, traceFrames(records, 1));
  return [
    { name: 'kernel: matching', value: Math.round(kernelRate), unit: 'records/s' },
    { name: 'kernel: Map matcher, same results', value: Math.round(peerRate), unit: 'records/s' },
    {
      name: 'kernel: times the Map matcher',
      value: Math.round((kernelRate / peerRate) * 100) / 100,
      unit: '×',
    },
    ...(await measureOpenRecords(options.quick ? 300_000 : 5_000_000)),
    ...measureReindexing(options.quick ? 60_000 : 1_000_000),
  ];
}
