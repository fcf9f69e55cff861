/**
 * Who may import whom. Every rule says why it is there; the layout is described in docs/architecture.md.
 * Tests may reach wider than the code they test, so they are left out of the layer rules.
 */
const test = '(\\.test\\.ts$|^engine/testing/|^connectors/conformance/)';

/** A folder that may import only the listed folders (and packages). */
const layer = (name, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${name.replace('-', '/')}/`, pathNot: test },
  to: {
    path: '^(engine|connectors|api|bench|deploy)/',
    pathNot: [`^${name.replace('-', '/')}/`, ...allowed.map((a) => `^${a}/`)],
  },
});

export default {
  forbidden: [
    layer('engine-domain', [], 'The vocabulary stands alone, so that every other part can speak it.'),
    layer(
      'engine-codec',
      ['engine/domain'],
      'Frames are read by every role and in worker threads: no I/O may ride along.',
    ),
    layer(
      'engine-rules',
      ['engine/domain'],
      'What a rule says of one record or pair: pure functions that the kernel and the reference matcher share.',
    ),
    layer(
      'engine-matching',
      ['engine/domain', 'engine/codec', 'engine/rules'],
      'The kernel is synchronous and deterministic: no I/O, no clock, no adapter.',
    ),
    layer(
      'engine-shards',
      ['engine/domain', 'engine/codec', 'engine/matching'],
      'A shard is a kernel in a thread; it knows neither broker nor database.',
    ),
    layer(
      'engine-pipeline',
      ['engine/domain', 'engine/shards'],
      'The pipeline drives ports, so that each adapter can be replaced and tested alone.',
    ),
    layer(
      'engine-stream',
      ['engine/domain', 'engine/codec'],
      'The JetStream adapter implements a port and knows no other adapter.',
    ),
    layer(
      'engine-store',
      ['engine/domain'],
      'The ClickHouse adapter implements a port and knows no other adapter.',
    ),
    layer(
      'engine-config',
      ['engine/domain', 'engine/rules'],
      'Settings are data; they must be readable without loading an adapter.',
    ),
    layer(
      'engine-server',
      ['engine/domain'],
      'How a process listens to HTTP is one thing; what it answers is put in by whoever starts it.',
    ),
    layer('engine-telemetry', ['engine/domain'], 'Metrics and logs are given facts; they fetch none.'),
    {
      name: 'domain-needs-only-zod',
      comment: 'A package in the vocabulary would be a package in everything.',
      severity: 'error',
      from: { path: '^engine/domain/', pathNot: test },
      to: { dependencyTypes: ['npm'], pathNot: '^node_modules/zod/' },
    },
    {
      name: 'kernel-has-no-io',
      comment:
        'The same log must give the same results: the kernel may not read a clock, a file or a socket.',
      severity: 'error',
      from: { path: '^engine/(domain|codec|rules|matching)/', pathNot: test },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer|util|assert)$' },
    },
    {
      name: 'connectors-see-the-domain-only',
      comment:
        'A connector translates; it must not depend on how the engine stores or matches. main.ts and start-live.ts compose.',
      severity: 'error',
      from: { path: '^connectors/', pathNot: [test, '^connectors/(main|start-live)\\.ts$'] },
      to: { path: '^(engine|api|bench|deploy)/', pathNot: ['^engine/domain/', '^engine/codec/'] },
    },
    {
      name: 'api-sees-the-domain-only',
      comment: 'Routes speak to ports, so that the API can run apart from the engine. main.ts composes.',
      severity: 'error',
      from: { path: '^api/', pathNot: [test, '^api/main\\.ts$'] },
      to: {
        path: '^(engine|connectors|bench|deploy)/',
        pathNot: ['^engine/domain/', '^engine/codec/', '^engine/rules/'],
      },
    },
    {
      name: 'nothing-imports-bench-or-deploy',
      comment: 'Measuring and packaging come last; the product must not need them.',
      severity: 'error',
      from: { path: '^(engine|connectors|api)/', pathNot: test },
      to: { path: '^(bench|deploy)/' },
    },
    {
      name: 'no-circular',
      comment: 'A cycle has no first file to read.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-test-code-in-the-product',
      comment: 'The reference matcher and the traces judge the product; the product must not lean on them.',
      severity: 'error',
      from: { path: '^(engine|connectors|api|deploy)/', pathNot: test },
      to: { path: test },
    },
    {
      name: 'not-to-dev-dependencies',
      comment: 'What ships must install with the production dependencies alone.',
      severity: 'error',
      from: { path: '^(engine|connectors|api|deploy)/', pathNot: test },
      to: { dependencyTypes: ['npm-dev'], pathNot: '@types/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.counterfoil)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
