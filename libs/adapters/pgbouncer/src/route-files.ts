import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isNativeError } from 'node:util/types';
import { BerthError, type PoolerAccess, type TenantId, type TenantRoute } from '@berth/domain';
import type { RouteChange } from '@berth/ports';
import { fileNames, renderDatabases, renderRules, renderUsers } from './render-files.js';
import { readIfThere, replaceFile } from './safe-file.js';

/** What Berth wants this pooler to know; PgBouncer's files are made from it, and it never reads this one. */
const recordName = 'berth-routes.json';
const recordMode = 0o600;
const poolerMode = 0o640;

export type Routes = ReadonlyMap<TenantId, TenantRoute>;

export interface RouteRecord {
  readonly routes: Routes;
  /** Aliases that were written and not seen in the running pooler since: it may know them as they were, or not know that they are gone. */
  readonly unseen: ReadonlySet<TenantId>;
}

const nothing: RouteRecord = { routes: new Map(), unseen: new Set() };

interface WrittenFile {
  readonly file: string;
  readonly present: string | null;
  readonly wanted: string;
}

/** The files of one pooler. Who changes them holds the pooler's lock. Every method @throws `pooler-files` */
export class RouteFiles {
  constructor(private readonly access: Pick<PoolerAccess, 'poolerId' | 'folder' | 'user' | 'verifier'>) {}

  /** Null: the record is lost, and what Berth wants has to come from the catalog again. */
  async record(): Promise<RouteRecord | null> {
    return await this.#translated(async () => {
      const text = await readIfThere(this.#at(recordName));
      return text === null ? null : parsed(text);
    });
  }

  /** The record first: whoever comes after a crash in between makes the rest from it. The aliases last: their logins are there. */
  async change(changes: readonly RouteChange[]): Promise<RouteRecord> {
    const before = (await this.record()) ?? nothing;
    const routes = new Map(before.routes);
    for (const { tenantId, route } of changes) {
      if (route === null) routes.delete(tenantId);
      else routes.set(tenantId, route);
    }
    const record = { routes, unseen: new Set([...before.unseen, ...changes.map(({ tenantId }) => tenantId)]) };
    await this.#translated(async () => {
      await this.#write(record);
      for (const { file, present, wanted } of await this.#files(routes)) {
        if (present !== wanted) await replaceFile({ file, mode: poolerMode }, wanted);
      }
    });
    return record;
  }

  /** The running pooler shows everything as it was written. */
  async seen({ routes, unseen }: RouteRecord): Promise<void> {
    if (unseen.size > 0) await this.#translated(() => this.#write({ routes, unseen: new Set() }));
  }

  /** Names of the files that are not what these routes make of them. */
  async unlike(routes: Routes): Promise<readonly string[]> {
    const files = await this.#translated(() => this.#files(routes));
    return files.filter(({ present, wanted }) => present !== wanted).map(({ file }) => path.basename(file));
  }

  async #files(routes: Routes): Promise<readonly WrittenFile[]> {
    const all = sorted(routes);
    const admin = { role: this.access.user, verifier: this.access.verifier };
    const makers = [
      [fileNames.users, (present: string | null) => renderUsers(present, admin, all)],
      [fileNames.rules, () => renderRules(all)],
      [fileNames.databases, () => renderDatabases(all)],
    ] as const;
    return await Promise.all(
      makers.map(async ([name, make]) => {
        const file = this.#at(name);
        const present = await readIfThere(file);
        return { file, present, wanted: make(present) };
      }),
    );
  }

  async #write({ routes, unseen }: RouteRecord): Promise<void> {
    const text = JSON.stringify({ version: 1, routes: sorted(routes), unseen: [...unseen].sort() });
    await replaceFile({ file: this.#at(recordName), mode: recordMode }, text);
  }

  #at(name: string): string {
    return path.join(this.access.folder, name);
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      await stat(this.access.folder);
      return await work();
    } catch (thrown) {
      if (thrown instanceof BerthError) throw thrown;
      const { poolerId, folder } = this.access;
      const why = isNativeError(thrown) ? thrown.message : String(thrown);
      throw new BerthError('pooler-files', `The files of the pooler ${poolerId} cannot be read or written: ${why}`, {
        hint: `Give Berth's user the right to read and write in ${folder}, or forget the pooler: berth poolers remove ${poolerId}`,
        cause: thrown,
      });
    }
  }
}

function parsed(text: string): RouteRecord | null {
  try {
    const { routes, unseen } = JSON.parse(text) as {
      readonly routes: readonly TenantRoute[];
      readonly unseen: readonly TenantId[];
    };
    return { routes: new Map(routes.map((route) => [route.tenantId, route])), unseen: new Set(unseen) };
  } catch {
    return null;
  }
}

const sorted = (routes: Routes): readonly TenantRoute[] =>
  [...routes.values()].sort((one, other) => (one.tenantId < other.tenantId ? -1 : 1));
