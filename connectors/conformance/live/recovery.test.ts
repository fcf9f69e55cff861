import { RECOVERY_CHECKS } from './recovery-checks.ts';
import { LIVE_SAMPLES } from './samples/index.ts';
import { testLines } from './suite.ts';

for (const [name, { cannotBear }] of Object.entries(LIVE_SAMPLES)) {
  for (const [fault, reason] of Object.entries(cannotBear)) {
    console.log(`${name}: the fault ${fault} is left out: ${reason}`);
  }
}

testLines(RECOVERY_CHECKS);
