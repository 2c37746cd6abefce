import { readFile } from 'node:fs/promises';
import { CommandFault, exitCodes } from '../exit-codes.js';
import { errnoOf } from '../system/errno.js';
import type { Output } from './output.js';

export interface SecretSource {
  readonly passwordFile?: string;
  readonly passwordStdin?: boolean;
}

/** From a file, from stdin, or typed unseen: never from an argument, which everybody on the machine could read. */
export async function readSecret(question: string, source: SecretSource, output: Output): Promise<string> {
  if (source.passwordFile !== undefined) return firstLine(await readSecretFile(source.passwordFile));
  if (source.passwordStdin === true || !process.stdin.isTTY) return firstLine(await readStdin());
  return typedUnseen(question, output);
}

async function readSecretFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    const why = errnoOf(error) ?? 'unknown fault';
    throw new CommandFault(exitCodes.usage, `The password cannot be read from ${file} (${why}).`);
  });
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString('utf8');
}

function firstLine(text: string): string {
  const line = text.split(/\r?\n/)[0] ?? '';
  if (line !== '') return line;
  throw new CommandFault(
    exitCodes.usage,
    'The password is empty.',
    'Give it by --password-file, by --password-stdin, or type it.',
  );
}

async function typedUnseen(question: string, output: Output): Promise<string> {
  const { stdin } = process;
  output.draw(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  try {
    return await new Promise((resolve, reject) => {
      let typed = '';
      stdin.on('data', (text: string) => {
        for (const letter of text) {
          if (letter === '\r' || letter === '\n') {
            resolve(typed);
            return;
          }
          if (letter === '\u0003') {
            reject(new CommandFault(exitCodes.interrupted, 'Interrupted.'));
            return;
          }
          typed = letter === '\u007f' || letter === '\b' ? typed.slice(0, -1) : typed + letter;
        }
      });
    });
  } finally {
    stdin.setRawMode(false);
    stdin.removeAllListeners('data');
    stdin.pause();
    output.draw('\n');
  }
}
