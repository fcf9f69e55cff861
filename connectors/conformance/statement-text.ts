/** A bank statement of MT940 around lines, closing where they lead. */
export function statementText(
  lines: readonly string[],
  closing: string,
  number = '7/1',
  opening = 'C261120AED1000,00',
): string {
  return [
    ':20:REF',
    ':25:AE070331234567890123456',
    `:28C:${number}`,
    `:60F:${opening}`,
    ...lines,
    `:62F:${closing}`,
    '-',
  ].join('\n');
}
