/** The benchmark suite: `npm run bench -- [suite …] [--quick] [--json]`. */
import { parseArgs } from 'node:util';
import { BARS } from './bars.ts';
import { machine, type BenchFigure } from './figures.ts';

type Suite = (options: { quick: boolean }) => Promise<BenchFigure[]>;

/** In the order in which they run; each is loaded only when it is asked for. */
const SUITES: { readonly [name: string]: () => Promise<Suite> } = {
  codec: async () => (await import('./micro/codec.bench.ts')).runCodecBench,
  kernel: async () => (await import('./micro/kernel.bench.ts')).runKernelBench,
  rules: async () => (await import('./micro/rules.bench.ts')).runRulesBench,
  parsers: async () => (await import('./micro/parsers.bench.ts')).runParserBench,
  files: async () => (await import('./file-command.bench.ts')).runFileCommandBench,
  pipeline: async () => (await import('./pipeline/pipeline.bench.ts')).runPipelineBench,
  latency: async () => (await import('./pipeline/latency.bench.ts')).runLatencyBench,
};

const HELP = `Usage: npm run bench -- [suite ...] [--quick] [--json]

Suites: ${Object.keys(SUITES).join(', ')} (all, if none is named)
  --quick   a small version of each, to see that it runs; its figures say little
  --json    the figures as one JSON document on standard output
`;

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(name in SUITES));
if (values.help === true || unknown.length > 0) {
  if (unknown.length > 0) console.error(`unknown suite "${unknown.join('", "')}"`);
  console.log(HELP);
  process.exitCode = unknown.length > 0 ? 1 : 0;
} else {
  await run(
    positionals.length > 0 ? positionals : Object.keys(SUITES),
    values.quick === true,
    values.json === true,
  );
}

async function run(names: readonly string[], quick: boolean, json: boolean): Promise<void> {
  const on = machine();
  const say = (text: string): void => {
    if (!json) console.log(text);
  };
  say(
    `${on.cpu}, ${on.cores} cores, ${Math.round(on.memoryBytes / 2 ** 30)} GiB, Node ${on.node}, ${on.platform}`,
  );
  const figures: (BenchFigure & { bar?: string; reached?: boolean })[] = [];
  for (const name of names) {
    console.error(`${name} …`);
    const suite = await SUITES[name]!();
    for (const figure of await suite({ quick })) {
      const bar = BARS[figure.name];
      const reached = bar === undefined ? undefined : bar.reached(figure.value);
      const judged = bar === undefined ? {} : { bar: bar.text, reached: reached ?? false };
      figures.push({ ...figure, ...judged });
      const verdict =
        bar === undefined || quick ? '' : `   ${reached === true ? 'reached' : 'MISSED'}: ${bar.text}`;
      say(`  ${figure.name.padEnd(64)} ${shown(figure.value).padStart(12)} ${figure.unit}${verdict}`);
    }
  }
  if (json) console.log(JSON.stringify({ machine: on, quick, figures }, null, 2));
}

/** Three digits or more, as people write them. */
function shown(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
