/** A transfer as SWIFT writes it, with the fields that its amounts are in. @param side O came in, I goes out */
function message(n: number, side: 'O' | 'I', amounts: readonly string[]): string {
  const application = side === 'O' ? 'O1030919261122SENDDEFFAXXX00000000002611221201N' : 'I103BENEGB2LXXXXN';
  return (
    `{1:F01SHOPAEADAXXX0000000000}{2:${application}}{3:{121:174f7d6a-0b4c-4c2e-9d3f-5a1f0e2b7c1${n}}}{4:\n` +
    `:20:REF${n}\n:23B:CRED\n${amounts.join('\n')}\n:50K:/DE02\nPAYER\n:59:/AE07\nSHOP\n:70:/INV/${n}\nTEXT 32A: 71F\n` +
    `-}{5:{CHK:0123}}\n`
  );
}

/** MT103 messages with every form of amounts and charges, in both directions. */
export const TRANSFER_MESSAGES: string = [
  message(0, 'O', [':32A:261122AED990,00', ':33B:AED1000,', ':71A:SHA', ':71F:AED6,', ':71F:AED4,00']),
  message(1, 'O', [':32A:261122AED1015,', ':33B:AED1000,', ':71A:OUR', ':71G:AED15,00']),
  message(2, 'O', [':32A:261122KWD1,005', ':33B:AED10,', ':36:0,1', ':71A:SHA', ':71F:AED1,']),
  message(3, 'O', [':32A:261122AED5,5', ':33B:AED7,', ':71A:BEN', ':71F:AED1,']),
  message(4, 'I', [':32A:261122AED99,', ':33B:AED100,', ':71A:SHA', ':71F:AED1,']),
  message(5, 'I', [':32A:261122AED101,', ':33B:AED100,', ':71A:OUR', ':71G:AED1,']),
  message(6, 'I', [':32A:261122USD0,01', ':71A:SHA']),
  message(7, 'O', [':32A:261122USD1234567,89', ':71A:SHA']),
].join('');

/** What a mutation puts into them, besides any byte. */
export const TRANSFER_PIECES: readonly string[] = [
  ...[':', ':20:', ':32A:', ':32A:261122AED7,\n', ':33B:AED7,\n', ':71F:AED2,\n', ':71G:AED2,\n', ':70:'],
  ...['-}', '{1:', '{2:', '{2:I103', '{2:O103', '{4:', '{5:', '{', '}', '$', 'O', 'I', 'AED', 'USD', 'x'],
  ...['\n', '\r', ',', '.', '-', '0', '9', ' ', 'é', '\n-}\n', '\n-\n'],
];
