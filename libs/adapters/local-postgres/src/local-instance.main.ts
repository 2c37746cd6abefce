// One PostgreSQL server on this machine, from a command line: Terraform's local-exec runs it. Secrets come by environment
// only: arguments stand in the process list and in Terraform's plan.
import { asBerthError } from '@berth/domain';
import type { BerthError } from '@berth/domain';
import { parseInstanceArguments } from './local-instance-arguments.js';
import type { InstanceArguments } from './local-instance-arguments.js';
import { LocalServer } from './local-server.js';
import { findPostgresPrograms } from './programs.js';
import { createAdminLogin, createStreamsLogin } from './superuser.js';

// An entry point of its own: it runs where no Berth system and no configuration is.
// eslint-disable-next-line no-restricted-syntax -- Terraform can hand a secret over in no other way
const environment = process.env;

interface Outcome {
  readonly exitCode: number;
  readonly line: Readonly<Record<string, unknown>>;
}

async function perform(args: InstanceArguments): Promise<Outcome> {
  const { folder } = args;
  switch (args.verb) {
    case 'create':
      return { exitCode: 0, line: await create(args) };
    case 'start':
      return { exitCode: 0, line: { ok: true, ...(await new LocalServer({ folder }).start()) } };
    case 'stop':
      return { exitCode: 0, line: { ok: true, result: await new LocalServer({ folder }).stop() } };
    case 'destroy':
      return { exitCode: 0, line: { ok: true, result: await new LocalServer({ folder }).destroy() } };
    case 'status': {
      const status = await new LocalServer({ folder }).status();
      const exitCode = { running: 0, starting: 3, stopped: 3, absent: 4, damaged: 4 }[status.state];
      return { exitCode, line: { ok: true, ...status } };
    }
  }
}

async function create(args: InstanceArguments): Promise<Readonly<Record<string, unknown>>> {
  const search = { explicit: environment['BERTH_PG_BIN'], path: environment['PATH'], minMajor: args.minMajor };
  const programs = await findPostgresPrograms(search);
  const server = new LocalServer({ folder: args.folder, programs });
  const result = await server.create({ purpose: args.purpose });
  const started = await server.start();
  const verifier = environment['BERTH_ADMIN_VERIFIER'] ?? '';
  if (verifier !== '') await createAdminLogin(server, { name: args.admin, verifier, replication: true });
  const streams = environment['BERTH_STREAMS_VERIFIER'] ?? '';
  if (streams !== '') await createStreamsLogin(server, { name: 'berth_streams', verifier: streams });
  return { ok: true, result, ...started, ...(verifier === '' ? {} : { admin: args.admin }) };
}

function failure(error: BerthError): Outcome {
  const { code, message, hint, details } = error;
  return { exitCode: code === 'invalid-request' ? 2 : 1, line: { ok: false, code, message, hint, details } };
}

async function main(): Promise<Outcome> {
  try {
    return await perform(parseInstanceArguments(process.argv.slice(2)));
  } catch (thrown) {
    return failure(asBerthError(thrown));
  }
}

const { exitCode, line } = await main();
process.stdout.write(`${JSON.stringify(line)}\n`);
process.exitCode = exitCode;
