import { Injectable } from '@nestjs/common';
import {
  BerthError,
  scramVerifier,
  secretRefs,
  type ErrorCode,
  type Finding,
  type Pooler,
  type PoolerAccess,
} from '@berth/domain';
import { ClusterCatalog, PoolerCatalog, SecretStore, TenantRouter } from '@berth/ports';
import { findingBody } from '../operations/operation.dto.js';
import { UnfitCluster } from '../problem/problem.js';
import { problemStatus } from '../problem/problem-status.js';
import type { RegisterPooler } from './pooler.dto.js';

/**
 * Registers a PgBouncer: checks, keeps the admin login, claims the name, and tries whether it reads Berth's files. What a crash in
 * between leaves is finished by the same registration again.
 */
@Injectable()
export class PoolerRegistration {
  constructor(
    private readonly poolers: PoolerCatalog,
    private readonly router: TenantRouter,
    private readonly clusters: ClusterCatalog,
    private readonly secrets: SecretStore,
  ) {}

  async check(body: RegisterPooler): Promise<readonly Finding[]> {
    await this.refuseAnother(body);
    const clusters = (await this.clusters.list()).filter(({ state }) => state !== 'retired');
    return await this.router.check(accessOf(body), clusters);
  }

  /** @throws UnfitCluster (details: findings), BerthError `pooler-exists`, `pooler-files`, `pooler-unreachable` */
  async register(body: RegisterPooler): Promise<{ readonly pooler: Pooler; readonly findings: readonly Finding[] }> {
    const findings = await this.check(body);
    refuseUnfit(body.id, findings);
    const wasThere = (await this.poolers.get(body.id)) !== null;
    const access = accessOf(body);
    await this.keepAdmin(body, access);
    const { id, host, port, sslMode, folder } = body;
    const pooler = await this.poolers.add({ id, host, port, sslMode, folder });
    try {
      const more = await this.poolers.exclusively(id, () => this.router.takeOver(access));
      refuseUnfit(id, [...findings, ...more]);
    } catch (error) {
      // What was never in use is taken back; one that was keeps what it has.
      if (!wasThere) await this.forget(id);
      throw error;
    }
    return { pooler, findings };
  }

  async forget(id: string): Promise<void> {
    await this.poolers.remove(id);
    await this.secrets.destroy(secretRefs.poolerAdmin(id));
  }

  private async refuseAnother({ id, host, port, sslMode, folder }: RegisterPooler): Promise<void> {
    const facts = JSON.stringify([host, port, sslMode, folder]);
    for (const other of await this.poolers.list()) {
      const isSame = JSON.stringify([other.host, other.port, other.sslMode, other.folder]) === facts;
      if (other.id === id ? isSame : other.folder !== folder) continue;
      throw new BerthError('pooler-exists', `There is the pooler "${other.id}" with the folder ${other.folder}.`, {
        hint: 'Choose another id and folder, or DELETE the one there is.',
      });
    }
  }

  private async keepAdmin({ id, admin, ca }: RegisterPooler, { verifier }: PoolerAccess): Promise<void> {
    const ref = secretRefs.poolerAdmin(id);
    const expectedVersion = await this.secrets.newestVersion(ref);
    const document = { ...admin, verifier, ...(ca !== undefined && { ca }) };
    await this.secrets.write(ref, document, { expectedVersion, metadata: {} });
  }
}

function accessOf({ id, host, port, sslMode, ca, folder, admin }: RegisterPooler): PoolerAccess {
  const { username: user, password } = admin;
  const verifier = scramVerifier(password);
  return { poolerId: id, host, port, sslMode, folder, user, password, verifier, ...(ca !== undefined && { ca }) };
}

/** By the code of the first error that has one of its own, else `pooler-unsafe`. */
function refuseUnfit(id: string, findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const code = errors.map((error) => error.code).find((name): name is ErrorCode => name in problemStatus);
  const sentences = errors.map(({ message }) => message).join(' ');
  throw new UnfitCluster(code ?? 'pooler-unsafe', `The pooler "${id}" cannot be registered: ${sentences}`, {
    hint: errors.flatMap(({ remedy }) => (remedy === null ? [] : [remedy])).join(' '),
    details: { findings: findings.map(findingBody) },
  });
}
