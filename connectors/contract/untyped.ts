/** Reading what an API gave without believing that it has the shape that its documentation says. */

/** What stands at a path into a value; undefined where the path leads nowhere. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as { readonly [name: string]: unknown })[name];
  }
  return found ?? undefined;
}

/** A text at a path; undefined where there is none, or an empty one. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** A value as JSON, where it has any: a payload in memory may hold what JSON cannot. For dead letters. */
export function jsonText(value: unknown): string {
  try {
    const json: unknown = JSON.stringify(value);
    return typeof json === 'string' ? json : String(value);
  } catch {
    return String(value);
  }
}

/** Those of some texts that there are. */
export function present(texts: { readonly [name: string]: string | undefined }): { [name: string]: string } {
  const kept: { [name: string]: string } = {};
  for (const [name, text] of Object.entries(texts)) if (text !== undefined) kept[name] = text;
  return kept;
}
