import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeptFile } from './kept-file.ts';

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'counterfoil-kept-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = () => KeptFile.open(directory, 'source');
/** What another process would find now. */
const found = async (): Promise<readonly string[]> => (await open()).all();
const content = () => readFile(join(directory, 'source.kept'), 'utf8');

test('what is kept is there after a crash at any time, and nothing is written before', async () => {
  const file = await open();
  expect(file.all()).toEqual([]);
  expect(await readdir(directory)).toEqual([]);
  await file.keep('a');
  expect(await found()).toEqual(['a']);
  await file.keep('b');
  expect(await found()).toEqual(['a', 'b']);
});

test('many at once are written together, and a text that is kept already is not written again', async () => {
  const file = await open();
  const texts = Array.from({ length: 5000 }, (_, n) => `order-${n}`);
  await Promise.all(texts.map((text) => file.keep(text)));
  await Promise.all([file.keep('order-7'), file.keep('order-7')]);
  expect(await content()).toBe(texts.map((text) => `${text}\n`).join(''));
});

test('what is dropped is gone in the end, and the file does not grow for ever', async () => {
  const file = await open();
  for (let n = 0; n < 50; n++) {
    await Promise.all([file.keep(`a${n}`), file.keep(`b${n}`)]);
    await file.drop([`a${n}`, `b${n}`, 'never there']);
  }
  await Promise.all([file.keep('x'), file.keep('y'), file.keep('z')]);
  await file.drop(['y']);
  expect(file.all()).toEqual(['x', 'z']);
  expect((await content()).split('\n').length).toBeLessThan(6);
  await file.drop(['x', 'z']);
  expect(await found()).toEqual([]);
});

test('a text that is dropped and kept again while it is written is kept', async () => {
  const file = await open();
  const first = file.keep('a');
  const dropped = file.drop(['a']);
  await Promise.all([first, dropped, file.keep('a')]);
  expect(await found()).toEqual(['a']);
});

test('a line that a crash cut off is not there, and is not in the way of the next', async () => {
  await writeFile(join(directory, 'source.kept'), 'a\nb\nhalf');
  const file = await open();
  expect(file.all()).toEqual(['a', 'b']);
  await file.keep('c');
  expect(await content()).toBe('a\nb\nc\n');
});

test('a text that could not be written is not kept, and can be when there is room again', async () => {
  const file = await open();
  const inTheWay = join(directory, 'source.kept.new');
  await mkdir(inTheWay);
  await expect(file.keep('a')).rejects.toMatchObject({ code: 'unreadableFile' });
  expect(file.all()).toEqual([]);
  await rm(inTheWay, { recursive: true });
  await Promise.all([file.keep('a'), file.keep('b')]);
  expect(await found()).toEqual(['a', 'b']);
});
