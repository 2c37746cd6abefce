import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** A process of its own that runs a piece of our code, for tests that kill one or let two race. */
export interface ChildScript {
  readonly process: ChildProcess;
  /** Lines of stdout so far. */
  readonly lines: readonly string[];
  /** Everything that it wrote to stderr. */
  stderr(): string;
  /** Resolves with the first line that holds the text; rejects when the process ends without one. */
  line(text: string): Promise<string>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  kill9(): Promise<void>;
}

/** Runs module code (imports by package name, TypeScript sources) with an argument that it finds in process.argv[1]. */
export function runChildScript(
  code: string,
  argument: unknown,
  environment: Readonly<Record<string, string>> = {},
): ChildScript {
  const loader = path.join(root, 'scripts', 'ts.mjs');
  const options = ['--conditions=source', '--import', loader, '--input-type=module', '-e', code];
  const child = spawn(process.execPath, [...options, '--', JSON.stringify(argument)], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    child.emit('script-line');
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (exitCode, signal) => {
      resolve({ code: exitCode, signal });
    });
  });
  return {
    process: child,
    lines,
    stderr: () => stderr,
    ended,
    line: async (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => line.includes(text));
          if (found !== undefined) resolve(found);
        };
        child.on('script-line', look);
        void ended.then(() => {
          look();
          reject(new Error(`the child ended without the line ${JSON.stringify(text)}: ${stderr}`));
        });
        look();
      }),
    kill9: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
