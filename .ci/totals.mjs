/**
 * `node totals.mjs REPORT STATUS` prints `N passed, N failed[, N skipped]` from the test runner's JSON report. Exits
 * with 0 only when something passed, nothing failed and the runner itself ended with STATUS 0.
 */
import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
let report;
try {
  report = JSON.parse(readFileSync(file, 'utf8'));
} catch {
  console.error(`no report of the test runner, which ended with status ${status}`);
  process.exit(Number(status) || 1);
}

const {
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
  numTodoTests: todo,
} = report;
const skipped = pending + todo;
const brokenFiles = report.testResults.filter(
  (result) => result.status === 'failed' && result.assertionResults.length === 0,
);
for (const { name, message } of brokenFiles) console.error(`could not be run: ${name} ${message}`);
if (passed + failed === 0) console.error('no test was run');
const bad = failed > 0 || passed === 0 || brokenFiles.length > 0 || !report.success || status !== '0';
if (bad && failed === 0) console.error(`the test run failed with status ${status}`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(bad ? Number(status) || 1 : 0);
