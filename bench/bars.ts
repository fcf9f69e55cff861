/** What a figure should reach on 2 cores, by the figure's name. */
interface Bar {
  readonly text: string;
  readonly reached: (value: number) => boolean;
}

const atLeast = (value: number): Bar => ({
  text: `≥ ${value.toLocaleString('en')}`,
  reached: (measured) => measured >= value,
});
const atMost = (value: number): Bar => ({
  text: `≤ ${value.toLocaleString('en')}`,
  reached: (measured) => measured <= value,
});

/** Rules other than one-to-one. */
const RULE_CASES = [
  'net settlement onSignal',
  'net settlement onSum',
  'three ordered rules',
  'N:M groups',
  'exchange',
];

export const BARS: { readonly [figure: string]: Bar } = {
  'parsers: mt940, bytes': atLeast(50),
  'parsers: camt, bytes': atLeast(25),
  'parsers: camt, 200 MB with a heap of 64 MiB: peak memory': atMost(200e6),
  'kernel: times the Map matcher': atLeast(3),
  'kernel: memory per open record': atMost(160),
  'kernel: change of rules with 1 million open': atMost(10_000),
  ...bars(RULE_CASES, (name) => [`rules, ${name}: times the Map matcher`, atLeast(3)]),
  ...bars(
    [
      ...['one to one', ...RULE_CASES].flatMap((name) => [name, `${name}, leap within retain`]),
      'records alone, 1000000 open: growth',
      'records alone, 1000000 open: mass expiry',
      'groups of 500, 1000000 open: growth',
      'groups of 500, 1000000 open: mass expiry',
    ],
    (name) => [`one frame, ${name}: p99.9`, atMost(20)],
  ),
  'kernel: rate with few against many open': atMost(1.5),
  'file command: 1000000 + 1000000 rows': atMost(20_000),
  'file command: peak memory': atMost(1.5e9),
  'pipeline: JetStream to queryable in ClickHouse': atLeast(100_000),
  'latency at 10,000 records/s: p99': atMost(400),
};

/** The same bar for several figures. */
function bars(
  names: readonly string[],
  of: (name: string) => readonly [figure: string, bar: Bar],
): { readonly [figure: string]: Bar } {
  return Object.fromEntries(names.map(of));
}
