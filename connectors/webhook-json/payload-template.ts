import { z } from 'zod';

/** A part of what a provider signs. */
export type PayloadPiece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'body' }
  | { readonly type: 'timestamp' }
  | { readonly type: 'header'; readonly name: string };

const PIECE = /\{(body|timestamp|header\.([\w-]{1,100}))\}|([^{}]+)/y;

/** Reads `{timestamp}.{body}`; or what is wrong with it. */
function parsePayload(text: string): readonly PayloadPiece[] | string {
  const pieces: PayloadPiece[] = [];
  for (PIECE.lastIndex = 0; PIECE.lastIndex < text.length;) {
    const piece = PIECE.exec(text);
    if (piece === null) return 'has {body}, {timestamp} and {header.<name>}, and no other braces';
    const [, placeholder, header, literal] = piece;
    if (literal !== undefined) pieces.push({ type: 'text', text: literal });
    else if (header !== undefined) pieces.push({ type: 'header', name: header.toLowerCase() });
    else pieces.push({ type: placeholder as 'body' | 'timestamp' });
  }
  const counted = (type: PayloadPiece['type']): number =>
    pieces.filter((piece) => piece.type === type).length;
  if (counted('body') !== 1) return 'has {body} once: without it anything could be sent with a signature';
  if (counted('timestamp') > 1) return 'has {timestamp} at most once';
  // Of `{timestamp}{header.x}` nobody knows where one ends; a body of JSON begins and ends with what neither has.
  const adjoin = pieces.some((piece, n) => isShort(piece) && isShort(pieces[n + 1]));
  return adjoin ? 'has two values with nothing between them: put what the provider puts there' : pieces;
}

function isShort(piece: PayloadPiece | undefined): boolean {
  return piece?.type === 'timestamp' || piece?.type === 'header';
}

/** The template of what is signed, as a setting. */
export const payloadSetting: z.ZodType<readonly PayloadPiece[], string> = z
  .string()
  .min(1)
  .max(1000)
  .transform((text, context): readonly PayloadPiece[] => {
    const pieces = parsePayload(text);
    if (typeof pieces !== 'string') return pieces;
    context.addIssue({ code: 'custom', message: `the payload ${pieces}` });
    return z.NEVER;
  });
