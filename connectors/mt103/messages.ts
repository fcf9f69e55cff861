import type { TakeLine } from '../mt940/file-lines.ts';

/** A field of a message's text. */
export interface RawField {
  /** Such as `32A`. */
  readonly tag: string;
  /** Its lines; each character is one byte. */
  readonly lines: string[];
}

/** A message as it stands in the file; each character is one byte. */
export interface RawMessage {
  readonly line: number;
  readonly offset: number;
  /** What stands before the text: blocks 1 to 3. Empty where a file has texts alone. */
  header: string;
  readonly fields: RawField[];
  /** Its end was there. A text without header needs none. */
  isWhole: boolean;
  /** It is larger than {@link MESSAGE_LIMIT_BYTES}, and its fields are left out. */
  isOversized: boolean;
  /** All of it. */
  raw: string;
}

/** The most of a file that one message may take. SWIFT's own limit is 10,000 characters. */
export const MESSAGE_LIMIT_BYTES = 65_536;

const TAG = /^:(\d\d[A-Z]?):/;
const BLOCK = /\{[1-4]:/;

/** Puts the lines of a file together to messages, one behind the other with or without anything between them. */
export class MessageAssembler {
  readonly #finish: (message: RawMessage) => void;
  #message: RawMessage | undefined;
  #place: 'outside' | 'header' | 'text' = 'outside';

  /** @param finish takes each message when its end is known */
  constructor(finish: (message: RawMessage) => void) {
    this.#finish = finish;
  }

  readonly add: TakeLine = (text, number, offset) => {
    if (this.#place === 'text') this.#inText(text, number, offset);
    else this.#outside(text, number, offset);
  };

  end(): void {
    const message = this.#message;
    this.#message = undefined;
    this.#place = 'outside';
    if (message !== undefined) this.#finish(message);
  }

  #inText(text: string, number: number, offset: number): void {
    const message = this.#message!;
    // No text has a brace in it: the message was cut off, and another one follows.
    const next = text.indexOf('{1:');
    if (text.startsWith('-}') || text.trimEnd() === '-') {
      this.#keep(text.slice(0, 2));
      message.isWhole = text.startsWith('-}') || message.header === '';
      this.end();
      this.#outside(text.slice(2), number, offset + 2);
    } else if (next >= 0) {
      this.#keep(text.slice(0, next));
      message.isWhole = false;
      this.end();
      this.#outside(text.slice(next), number, offset + next);
    } else if (message.header === '' && text.startsWith(':20:')) {
      this.end();
      this.#outside(text, number, offset);
    } else {
      this.#keep(text);
      this.#field(text);
    }
  }

  #outside(text: string, number: number, offset: number): void {
    // A trailer may hold what looks like a block; a message behind it begins with its first one.
    const first = text.indexOf('{1:');
    const at = first >= 0 ? first : text.startsWith('{5:') ? -1 : text.search(BLOCK);
    if (at >= 0) {
      if (this.#place === 'outside' || first >= 0) this.#start(number, offset + at);
      this.#header(text.slice(at));
    } else if (this.#place === 'header') {
      this.#header(text);
    } else if (TAG.test(text)) {
      this.#start(number, offset);
      this.#message!.isWhole = true;
      this.#place = 'text';
      this.#keep(text);
      this.#field(text);
    }
  }

  #start(line: number, offset: number): void {
    this.end();
    this.#message = { line, offset, header: '', fields: [], isWhole: false, isOversized: false, raw: '' };
    this.#place = 'header';
  }

  #header(text: string): void {
    const message = this.#message!;
    this.#keep(text);
    const body = text.indexOf('{4:');
    if (!message.isOversized) message.header += body < 0 ? text : text.slice(0, body);
    if (body < 0) return;
    // A text whose header was lost is no text that never had one.
    if (message.header === '') message.header = '{4:';
    this.#place = 'text';
    const rest = text.slice(body + 3);
    if (rest !== '') this.#field(rest);
  }

  #field(text: string): void {
    const { fields, isOversized } = this.#message!;
    if (isOversized) return;
    const tag = TAG.exec(text);
    if (tag !== null) fields.push({ tag: tag[1]!, lines: [text.slice(tag[0].length)] });
    else fields.at(-1)?.lines.push(text);
  }

  #keep(text: string): void {
    const message = this.#message!;
    if (message.isOversized) return;
    if (message.raw.length + text.length > MESSAGE_LIMIT_BYTES) {
      message.isOversized = true;
      message.fields.length = 0;
      return;
    }
    message.raw += message.raw === '' ? text : `\n${text}`;
  }
}
