import { Buffer, isAscii, isUtf8 } from 'node:buffer';

/** Below this many characters a loop beats the call into native code. */
const SHORT = 40;

/**
 * Writes `text` as UTF-8 at `at`; lone surrogates become U+FFFD. The caller has made room for three bytes a character.
 * @returns the position after the last byte
 */
export function writeUtf8(text: string, target: Buffer, at: number): number {
  const length = text.length;
  if (length > SHORT) return at + target.write(text, at, 'utf8');
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return at + target.write(text, at, 'utf8');
    target[at + i] = code;
  }
  return at + length;
}

/** Bytes `from` to `to` as text. The bytes are UTF-8, checked when the frame was decoded. */
export function readUtf8(bytes: Uint8Array, from: number, to: number): string {
  if (to - from <= SHORT) {
    let text = '';
    for (let i = from; i < to; i++) {
      const byte = bytes[i]!;
      if (byte > 127) return decodeNative(bytes, from, to);
      text += String.fromCharCode(byte);
    }
    return text;
  }
  return decodeNative(bytes, from, to);
}

function decodeNative(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
}

/**
 * Whether every string of a column is UTF-8: the bytes as a whole are, and no string starts inside a character.
 * Both native checks run at memory speed, so every column is checked.
 */
export function isUtf8Column(offsets: Uint32Array, bytes: Uint8Array): boolean {
  if (isAscii(bytes)) return true;
  if (!isUtf8(bytes)) return false;
  for (const offset of offsets) {
    if (offset < bytes.length && (bytes[offset]! & 0xc0) === 0x80) return false;
  }
  return true;
}
