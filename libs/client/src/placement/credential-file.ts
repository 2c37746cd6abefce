import { readFile } from 'node:fs/promises';

/** @throws an Error that names the file */
export async function contentOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`the credential ${file} cannot be read`, { cause: error });
  });
  return text.trim();
}
