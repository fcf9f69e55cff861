import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where `${NAME}` and `${file:/path}` find their values. */
export interface SubstitutionSource {
  readonly env: Readonly<{ [name: string]: string | undefined }>;
  /** Folder that relative paths start from. */
  readonly directory: string;
}

/** The most bytes that `${file:…}` reads. */
const MAX_SECRET_BYTES = 65_536;
const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;

/**
 * Replaces `${NAME}` by the environment variable and `${file:/path}` by the file's text without its last line break;
 * `$${` stands for a literal `${`.
 * @throws Error with one line that names what could not be found
 */
export function substitute(text: string, source: SubstitutionSource): string {
  return text.replaceAll(REFERENCE, (whole, name: string | undefined, closed: string | undefined) => {
    if (whole === '$${') return '${';
    if (closed !== '}') throw new Error(`"\${" is never closed by "}"; write $\${ for a literal "\${"`);
    if (name!.startsWith('file:')) return readSecret(name!.slice('file:'.length), source.directory);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name!)) {
      throw new Error(
        `"\${${name!.slice(0, 60)}}" is neither \${NAME} nor \${file:/path}; write $\${ for a literal "\${"`,
      );
    }
    const value = source.env[name!];
    if (value === undefined)
      throw new Error(`environment variable ${name!} is not set; set it before starting`);
    return value;
  });
}

function readSecret(path: string, directory: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(directory, path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new Error(`file ${path} ${reason}; create it, or correct \${file:…}`, { cause: error });
  }
  if (bytes.length > MAX_SECRET_BYTES) {
    throw new Error(`file ${path} has ${bytes.length} bytes; a value has at most ${MAX_SECRET_BYTES}`);
  }
  return bytes.toString('utf8').replace(/\r?\n$/, '');
}
