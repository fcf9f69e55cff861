import type { Document, Node, Pair, Scalar, YAMLError } from 'yaml';
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import { CounterfoilError } from '../domain/index.ts';

/** A path into a document: names of settings and indices of list entries. */
export type DocumentPath = readonly PropertyKey[];

/** Something wrong at a byte offset of the text. */
export interface PlacedProblem {
  readonly offset: number;
  readonly message: string;
}

/** A YAML document that knows where in its text each value stands. */
export class ConfigDocument {
  readonly problems: readonly PlacedProblem[];
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: true });
    const syntax = this.#document.errors.findIndex((error) => error.code !== 'DUPLICATE_KEY');
    // What follows a syntax error is mostly its echo.
    const errors = syntax < 0 ? this.#document.errors : this.#document.errors.slice(0, syntax + 1);
    this.problems = [
      ...[...errors, ...this.#document.warnings].map((error) => ({
        offset: error.pos[0],
        message: problemText(error, text),
      })),
      ...(syntax < 0 ? this.#shapeProblems() : []),
    ];
  }

  /** What YAML can say and settings cannot: aliases of nothing or of what they are in, keys that are maps or lists. */
  #shapeProblems(): PlacedProblem[] {
    const problems: PlacedProblem[] = [];
    visit(this.#document, {
      Pair: (_key, { key }) => {
        if (!isMap(key) && !isSeq(key)) return;
        problems.push({
          offset: key.range?.[0] ?? 0,
          message: 'a map or list cannot be the name of a setting',
        });
      },
      Alias: (_key, node, path) => {
        const target = node.resolve(this.#document);
        const offset = node.range?.[0] ?? 0;
        const name = node.source.slice(0, 60);
        if (target === undefined) {
          const message = `"*${name}" stands for what "&${name}" marks, and nothing is so marked; put text that begins with * in quotes`;
          problems.push({ offset, message });
        } else if (path.includes(target)) {
          problems.push({ offset, message: `"*${name}" stands for a part of the file that it is in itself` });
        }
      },
    });
    return problems;
  }

  /** Calls `visitor` with each value that is text; keys are left out. What it returns takes the text's place. */
  replaceText(visitor: (text: string, offset: number, scalar: Scalar) => string): void {
    visit(this.#document, {
      Scalar: (key, node) => {
        if (key !== 'key' && typeof node.value === 'string') {
          node.value = visitor(node.value, node.range?.[0] ?? 0, node);
        }
      },
    });
  }

  /** The document as plain values. @throws Error with one line where aliases of aliases make it too large */
  toPlain(): unknown {
    return this.#document.toJS({ maxAliasCount: 1000 }) as unknown;
  }

  /** Names of the settings at `path`, in the order in which they are written. */
  keysAt(path: DocumentPath): string[] {
    const { node } = this.#walk(path);
    return isMap(node) ? node.items.map((pair) => keyText(pair)) : [];
  }

  /** The node at `path`, where there is one. */
  nodeAt(path: DocumentPath): Node | undefined {
    const { node, depth } = this.#walk(path);
    return depth === path.length ? node : undefined;
  }

  /** Offset of the value at `path`; of its key where `ofKey`; of the nearest place above it where it is missing. */
  offsetOf(path: DocumentPath, ofKey = false): number {
    const { node, key, depth } = this.#walk(path);
    const target = (ofKey && depth === path.length) || node === undefined ? (key ?? node) : node;
    return target?.range?.[0] ?? 0;
  }

  /** `12:5` for an offset. */
  lineColumn(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${Math.max(1, line)}:${Math.max(1, col)}`;
  }

  #walk(path: DocumentPath): { node: Node | undefined; key: Node | undefined; depth: number } {
    let node = this.#resolve(this.#document.contents);
    let key: Node | undefined;
    for (const [depth, segment] of path.entries()) {
      if (isMap(node)) {
        const pair = node.items.find((item) => keyText(item) === String(segment));
        if (pair === undefined) return { node, key, depth };
        key = pair.key as Node;
        node = this.#resolve(pair.value as Node | null) ?? undefined;
      } else if (isSeq(node) && typeof segment === 'number' && node.items[segment] !== undefined) {
        node = this.#resolve(node.items[segment] as Node);
        key = undefined;
      } else {
        return { node, key, depth };
      }
    }
    return { node, key, depth: path.length };
  }

  #resolve(node: Node | null | undefined): Node | undefined {
    return (isAlias(node) ? node.resolve(this.#document) : node) ?? undefined;
  }
}

/**
 * The document's values.
 * @param place what the error line begins with
 * @throws CounterfoilError `invalidConfig` where the document grows without end by its aliases
 */
export function plainOf(document: ConfigDocument, place: string): unknown {
  try {
    return document.toPlain();
  } catch (error) {
    throw new CounterfoilError(
      'invalidConfig',
      `${place}: ${(error as Error).message.replaceAll(/\s+/g, ' ')}`,
      {
        cause: error,
      },
    );
  }
}

function problemText(error: YAMLError, text: string): string {
  if (error.code === 'DUPLICATE_KEY') return 'this key stands here twice; keep one';
  if (error.code === 'BAD_DQ_ESCAPE') {
    const escape = text.slice(error.pos[0], error.pos[0] + 2);
    return `in double quotes "${escape}" stands for nothing; put the text in single quotes, in which a backslash is a backslash`;
  }
  if (text.slice(error.pos[0] - 1, error.pos[0] + 1) === '${') {
    return 'inside { } or [ ] a "${…}" needs quotes around it';
  }
  return error.message.replaceAll(/\s*\n\s*/g, ' ');
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

/** Characters of a name in a path that is shown. */
const MAX_NAME = 100;

/** A text as a message may show it: on one line, cut where it is long. */
export function shortened(text: string, most: number): string {
  const line = visible(text.replaceAll(/\s*[\r\n]+\s*/g, ' '));
  return line.length <= most ? line : `${line.slice(0, most)}…`;
}

/** Text in which what does not show, or looks like a space and is none, stands as `\u2028`. */
function visible(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}

/** A name as a path shows it: in quotes where a space or nothing would be seen of its ends. */
function nameText(name: string): string {
  const shown = shortened(name, MAX_NAME);
  return shown.trim() === shown && shown !== '' ? shown : JSON.stringify(shown);
}

/** `sources.bank.path`, `reconciliations[0].rules[1].keys`. */
export function pathText(path: DocumentPath): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else text += `${text === '' ? '' : '.'}${nameText(String(segment))}`;
  }
  return text;
}
