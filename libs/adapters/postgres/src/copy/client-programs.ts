import path from 'node:path';
import type { Place } from '@berth/domain';
import type { LongWork } from '@berth/ports';
import { type ClusterConnections, withCaFile } from '../connection/index.js';
import { runClientProgram } from './run-client-program.js';

export interface ProgramCall {
  readonly applicationName: string;
  readonly args: readonly string[];
  readonly onLine?: (line: string) => void;
  /** Logs in as this one; without it as the admin. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** pg_dump and pg_restore, each of the version that its server has: pg_dump refuses servers newer than itself. */
export class ClientPrograms {
  readonly #connections: ClusterConnections;
  readonly #programsFor: (postgresMajor: number) => Promise<string>;

  constructor(connections: ClusterConnections, programsFor: (postgresMajor: number) => Promise<string>) {
    this.#connections = connections;
    this.#programsFor = programsFor;
  }

  async run(
    major: number,
    name: 'pg_dump' | 'pg_restore',
    place: Place,
    work: LongWork,
    call: ProgramCall,
  ): Promise<string> {
    const { login, ...rest } = call;
    const access = { ...(await this.#connections.access(place.clusterId)), ...login };
    const program = path.join(await this.#programsFor(major), name);
    return withCaFile(access, (caFile) =>
      runClientProgram({ ...rest, ...caFile, program, access, database: place.database, signal: work.signal }),
    );
  }

  /** A program that outlived its crashed worker still reads or writes: its sessions are ended before the next try begins. */
  async endOrphans({ clusterId, database }: Place, applicationName: string): Promise<void> {
    await this.#connections.withTransaction(clusterId, database, (client) =>
      client.query(
        `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
         WHERE application_name = $1 AND datname = current_database() AND usename = session_user AND pid <> pg_backend_pid()`,
        [applicationName],
      ),
    );
  }
}
