import { Buffer } from 'node:buffer';

/** Below this many bytes a loop beats the call into native code. */
const SHORT = 40;

/** UTF-8 bytes as text. Most ids are short ASCII. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT) return decode(bytes, start, end);
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte > 127) return decode(bytes, start, end);
    text += String.fromCharCode(byte);
  }
  return text;
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
