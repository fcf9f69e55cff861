/**
 * `node deploy/setup/run.mjs setup|demo|test|bench|counterfoil|check [arguments…]`: does everything that the verb
 * needs (packages, build, a nats-server) and then runs it. Plain Node, no packages: it is what installs them.
 */
const OLDEST_NODE = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(
    `Node ${process.versions.node} is too old; Counterfoil needs ${OLDEST_NODE.join('.')} or later (https://nodejs.org)`,
  );
  process.exit(1);
}

// Only now: what it imports may use what an older Node cannot read.
const { main } = await import('./main.mjs');
process.exitCode = await main(process.argv.slice(2));
