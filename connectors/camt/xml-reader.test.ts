import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { CounterfoilError } from '../../engine/domain/index.ts';
import { XmlReader } from './xml-reader.ts';

/** What a handler is told, and where each element starts; adjoining parts of a text are one. */
function eventsOf(chunks: readonly Buffer[]): { events: string[]; refused: boolean } {
  const events: string[] = [];
  let text = '';
  const add = (event: string): void => {
    if (text !== '') events.push(JSON.stringify(text));
    text = '';
    events.push(event);
  };
  const xml = new XmlReader({
    open: (name, attributes) => {
      const { offset, line } = xml.opened;
      add(`${name} ${JSON.stringify(attributes)} at ${offset}, line ${line}`);
    },
    text: (part) => (text += part),
    close: () => {
      add('/');
    },
  });
  try {
    for (const chunk of chunks) xml.write(chunk);
    xml.end();
  } catch (error) {
    if (!(error instanceof CounterfoilError && error.code === 'malformedStatement')) throw error;
    return { events, refused: true };
  }
  return { events, refused: false };
}

/** `bytes` cut at places between 0 (the start) and 1 (the end). */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => Math.floor(place * bytes.length)), bytes.length];
  at.sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

const TAGS = ['<Ntry>', '<n:Amt Ccy="AED">', '<Dt\r\n a = "1\n2"\r\n>', "<A\rb='&lt;>'>", '<B />', '</>'];
const TEXTS = ['1.00', '\n', '\r\n', '\r', ' ', ']]', '&amp;', '&#228;', 'é', '"'];
const ASIDE = ['<!-- <Ntry> \n -->', '<?a <b>\r\n?>', '<![CDATA[<c>\r]]>', '<![CDATA[]]>'];
const piece = fc.constantFrom(...TAGS, ...TEXTS, ...ASIDE);
const damage = fc.constantFrom(
  '>',
  '<',
  '&',
  '&x;',
  '\0',
  '<!',
  '</Ntry>',
  '<?xml?>',
  '<!DOCTYPE a>',
  'x',
  ...TAGS,
);

/** A document of `pieces` with its elements closed in their order, and what the handler is to be told of their starts. */
function documentOf(pieces: readonly string[], mark: string): { text: string; opened: string[] } {
  let text = `${mark}<?xml version="1.0"?>\n`;
  const opened: string[] = [];
  const open: string[] = [];
  const put = (tag: string): void => {
    const name = /^<([\w:]+)/.exec(tag)?.[1];
    if (name !== undefined) {
      opened.push(`at ${Buffer.byteLength(text)}, line ${text.split('\n').length}`);
      if (!tag.endsWith('/>')) open.push(name);
    }
    text += tag;
  };
  put('<Document>');
  for (const next of pieces) {
    if (next !== '</>') put(next);
    else if (open.length > 1) text += `</${open.pop()!}>`;
  }
  while (open.length > 0) text += `</${open.pop()!}\n>`;
  return { text, opened };
}

describe('reading', () => {
  test('says of each element at which byte and line it starts, however the file is cut', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.constantFrom('', '\ufeff'),
        places,
        (pieces, mark, at) => {
          const { text, opened } = documentOf(pieces, mark);
          const { events, refused } = eventsOf(cut(Buffer.from(text), at));
          expect(refused).toBe(false);
          const found = events.flatMap((event) => /at \d+, line \d+$/.exec(event) ?? []);
          expect(found).toEqual(opened);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('tells the same of a damaged file, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(), damage, places, (pieces, place, put, at) => {
        const { text } = documentOf(pieces, '');
        const half = place % text.length;
        const bytes = Buffer.from(text.slice(0, half) + put + text.slice(half + (place % 3)));
        expect(eventsOf(cut(bytes, at))).toEqual(eventsOf([bytes]));
      }),
      { numRuns: 300 },
    );
  });

  test('leaves the parser the properties that V8 is fast with', () => {
    const listening = vi.spyOn(SaxesParser.prototype, 'on');
    onTestFinished(() => {
      listening.mockRestore();
    });
    setFlagsFromString('--allow-natives-syntax');
    const isFast = runInThisContext('(object) => %HasFastProperties(object)') as (object: unknown) => boolean;
    const ignore = (): void => undefined;
    new XmlReader({ open: ignore, text: ignore, close: ignore });
    expect(listening).toHaveBeenCalled();
    expect(isFast(listening.mock.contexts[0])).toBe(true);
  });
});
