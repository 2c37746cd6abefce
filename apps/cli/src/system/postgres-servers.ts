import { randomBytes } from 'node:crypto';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { asBerthError, scramVerifier, type SecretRef } from '@berth/domain';
import {
  createAdminLogin,
  createStreamsLogin,
  isPortFreeSoon,
  LocalServer,
  loopback,
  runAsSuperuser,
  type PostgresPrograms,
} from '@berth/local-postgres';
import type { LocalSecrets } from '@berth/local-secrets';
import { CommandFault, exitCodes } from '../exit-codes.js';
import { isErrno } from './errno.js';
import type { Home } from './home.js';

const catalogLogin = 'berth';
const catalogDatabase = 'berth';
const terraformDatabase = 'berth_terraform';
export const sharedAdmin = 'berth_admin';

/** Its admin makes streams by itself. */
const firstWithoutStreamsLogin = 16;
export const sharedDatabase = 'tenants';

interface CatalogLogin {
  readonly username: string;
  readonly password: string;
}

const catalogLoginRef = 'system/catalog' as SecretRef<CatalogLogin>;

export interface StartedServer {
  readonly port: number;
}

export interface CatalogAccess extends StartedServer {
  readonly url: string;
  readonly terraformStateUrl: string;
}

export function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** The server of the catalog, with its database and login; what is there already is brought to what it should be. */
export async function startCatalogServer(
  home: Home,
  programs: PostgresPrograms,
  secrets: LocalSecrets,
): Promise<CatalogAccess> {
  const server = new LocalServer({ folder: home.catalogServer, programs });
  await server.create({ purpose: 'catalog' });
  const [started, password] = await Promise.all([server.start(), catalogPassword(secrets)]);
  const role = `ROLE ${catalogLogin} WITH LOGIN NOSUPERUSER CREATEDB NOCREATEROLE PASSWORD '${scramVerifier(password)}'`;
  await runAsSuperuser(
    server,
    [
      `SELECT 'CREATE ROLE ${catalogLogin}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${catalogLogin}') \\gexec`,
      `ALTER ${role};`,
      ...[catalogDatabase, terraformDatabase].map((name) => createDatabase(name, catalogLogin)),
    ].join('\n'),
  );
  const url = (database: string): string =>
    `postgresql://${catalogLogin}:${password}@${loopback}:${String(started.port)}/${database}`;
  return { port: started.port, url: url(catalogDatabase), terraformStateUrl: url(terraformDatabase) };
}

/** The server of the first shared cluster. Its admin login is made when the cluster is registered. */
export async function startSharedServer(home: Home, programs: PostgresPrograms): Promise<StartedServer> {
  const server = new LocalServer({ folder: home.sharedServer, programs });
  await server.create({ purpose: 'shared' });
  await refuseTakenPort(server);
  const { port } = await server.start();
  return { port };
}

/** A server would go to another port by itself; but the secrets of the tenants, read by products we do not know, name this one. */
async function refuseTakenPort(server: LocalServer): Promise<void> {
  const { state, port } = await server.status();
  if (state !== 'stopped' || port === undefined || (await isPortFreeSoon(port))) return;
  throw new CommandFault(
    exitCodes.unhealthy,
    `Port ${String(port)} of the shared cluster is taken by another program, and the secrets of its tenants name it.`,
    `Find the program (ss -ltnp 'sport = :${String(port)}'), end it, and type: berth up`,
  );
}

/** Gives the shared cluster's admin this password: no superuser, it makes roles and databases. The API makes the database. */
export async function prepareSharedAdmin(home: Home, password: string): Promise<void> {
  const server = new LocalServer({ folder: home.sharedServer });
  await createAdminLogin(server, { name: sharedAdmin, verifier: scramVerifier(password), replication: true });
}

/** The login for streams, where its PostgreSQL lets nobody but a superuser make them; null: it is needed for none. */
export async function prepareSharedStreams(home: Home): Promise<{ username: string; password: string } | null> {
  const server = new LocalServer({ folder: home.sharedServer });
  const { record } = await server.created();
  if (record.major >= firstWithoutStreamsLogin) return null;
  const login = { username: 'berth_streams', password: newPassword() };
  await createStreamsLogin(server, { name: login.username, verifier: scramVerifier(login.password) });
  return login;
}

function createDatabase(name: string, owner: string): string {
  return `SELECT 'CREATE DATABASE ${name} OWNER ${owner}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${name}') \\gexec`;
}

async function catalogPassword(secrets: LocalSecrets): Promise<string> {
  const kept = await secrets.read(catalogLoginRef);
  if (kept !== null) return kept.document.password;
  const password = newPassword();
  await secrets.write(catalogLoginRef, { username: catalogLogin, password }, { expectedVersion: 0, metadata: {} });
  return password;
}

export interface NamedServer {
  readonly name: string;
  readonly server: LocalServer;
}

/** Servers of the dedicated instances that there are now, found by their files. */
export async function dedicatedServers(home: Pick<Home, 'instances'>): Promise<readonly NamedServer[]> {
  return serversBelow(home.instances, 2);
}

/**
 * Starts the dedicated instances that stand still, and answers a sentence for each that cannot. Before the worker works: it alone
 * makes and destroys them, and must not meet a start in the middle of that.
 */
export async function startDedicatedServers(home: Home): Promise<readonly string[]> {
  const starts = (await dedicatedServers(home)).map(async ({ name, server }) => {
    if ((await server.status()).state === 'stopped') await server.start();
    return name;
  });
  const settled = await Promise.allSettled(starts);
  return settled.flatMap((one) => (one.status === 'rejected' ? [asBerthError(one.reason).message] : []));
}

async function serversBelow(folder: string, depth: number): Promise<readonly NamedServer[]> {
  const found: NamedServer[] = [];
  const names: readonly string[] = await readdir(folder).catch(() => []);
  // `origin` is the link by which a folder that stands in for another says for which.
  for (const name of names.filter((one) => one !== 'origin').toSorted()) {
    const inside = path.join(folder, name);
    const real = await realFolder(inside);
    if (real === undefined) continue;
    if (await isServerFolder(real)) found.push({ name, server: new LocalServer({ folder: inside }) });
    else if (depth > 1) found.push(...(await serversBelow(inside, depth - 1)).map((one) => ({ ...one, name })));
  }
  return found;
}

/** Undefined: no folder, or not any more: instances are destroyed while somebody looks for them. */
async function realFolder(folder: string): Promise<string | undefined> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined) return undefined;
  const found = await stat(real).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  return found?.isDirectory() === true ? real : undefined;
}

async function isServerFolder(folder: string): Promise<boolean> {
  const names: readonly string[] = await readdir(folder).catch(() => []);
  return names.includes('server.json') || names.includes('data');
}

export function systemServers(home: Home): readonly NamedServer[] {
  return [
    { name: 'catalog', server: new LocalServer({ folder: home.catalogServer }) },
    { name: 'shared-1', server: new LocalServer({ folder: home.sharedServer }) },
  ];
}
