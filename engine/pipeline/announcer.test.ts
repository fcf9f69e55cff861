import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { cutRows } from './announcer.ts';

test.prop([
  fc.array(fc.string({ maxLength: 30 }).map((s) => s.replaceAll('\n', ' '))),
  fc.integer({ min: 1, max: 50 }),
])('cuts a block into parts of whole rows, within the limit where rows allow', (rows, limit) => {
  const block = Buffer.from(rows.map((row) => `${row}\n`).join(''));
  const parts = [...cutRows(block, limit)];
  expect(Buffer.concat(parts)).toEqual(block);
  for (const part of parts) {
    expect(part.at(-1)).toBe(10);
    const oneRow = part.indexOf(10) === part.byteLength - 1;
    expect(part.byteLength <= limit || oneRow).toBe(true);
  }
});
