import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** The file of a program, by its name or path. Never runs it: a Python program takes a second to say that it is there. */
export function findOnPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const files = path.isAbsolute(program) ? [program] : folders.map((folder) => path.join(folder, program));
  return files.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
