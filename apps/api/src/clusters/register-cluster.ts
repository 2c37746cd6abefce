import { Injectable } from '@nestjs/common';
import {
  BerthError,
  secretRefs,
  type Cluster,
  type ClusterAccess,
  type ClusterAdminSecret,
  type Finding,
  type SecretRef,
} from '@berth/domain';
import { ClusterCatalog, ClusterProbe, SecretStore } from '@berth/ports';
import { UnfitCluster } from '../problem/problem.js';
import type { ErrorCode } from '@berth/domain';
import { problemStatus } from '../problem/problem-status.js';
import { findingBody } from '../operations/operation.dto.js';
import { caIsChecked } from './certificate-authority.js';
import type { RegisterCluster } from './cluster.dto.js';

interface Checked {
  readonly postgresMajor: number | null;
  readonly findings: readonly Finding[];
}

/**
 * Registers a server: checks, then claims the name as `cordoned`, keeps the admin login, readies the server, and opens it. A
 * crash in between leaves a cordoned cluster that takes no tenant; the same registration again finishes it.
 */
@Injectable()
export class ClusterRegistration {
  constructor(
    private readonly clusters: ClusterCatalog,
    private readonly probe: ClusterProbe,
    private readonly secrets: SecretStore,
  ) {}

  async check(body: RegisterCluster): Promise<Checked> {
    const present = await this.clusters.get(body.id);
    if (present !== null && !isUnfinished(present, body)) throw exists(body.id);
    const { extensions, maxTenants, streams } = body;
    return this.probe.check(accessOf(body), { extensions, maxTenants, streams: wanted(streams) });
  }

  /** @throws UnfitCluster (details: findings), BerthError `cluster-exists`, `secret-conflict` */
  async register(
    body: RegisterCluster,
  ): Promise<Checked & { readonly cluster: Cluster; readonly changes: readonly string[] }> {
    const checked = await this.check(body);
    const { postgresMajor } = checked;
    const errors = checked.findings.filter(({ severity }) => severity === 'error');
    if (errors.length > 0 || postgresMajor === null) throw unfit(body.id, errors, checked.findings);
    const claimed = (await this.clusters.get(body.id)) ?? (await this.clusters.add(cordoned(body, postgresMajor)));
    await this.keep(secretRefs.clusterAdmin(body.id), body.admin);
    if (body.streams !== undefined) await this.keep(secretRefs.clusterStreams(body.id), body.streams);
    const changes = await this.probe.prepare(accessOf(body));
    // A registration that goes on after a break may ask for other room than the first one did.
    const { labels, maxOperations } = body;
    const room = { labels, maxTenants: roomOf(body), maxOperations };
    const cluster = await this.clusters.update(body.id, { state: 'active', postgresMajor, ...room }, claimed.version);
    return { ...checked, cluster, changes };
  }

  /** That the server is reached as the changed cluster says. @throws `cluster-tls`, `cluster-unreachable` */
  async tryEncryption(cluster: Cluster): Promise<void> {
    const { id, sslMode, ca } = cluster;
    if (!caIsChecked({ sslMode, ca: ca ?? undefined })) {
      // Not a fault of the request by itself: what it leaves out is as it was.
      throw new BerthError('cluster-tls', `The ssl mode ${sslMode} would not look at the authority.`, {
        hint: 'Give the ssl mode verify-full as well, or take the authority away (null).',
      });
    }
    const { findings } = await this.probe.check(await this.accessTo(cluster));
    const fault = findings.find(({ code }) => code === 'cluster-tls' || code === 'cluster-unreachable');
    if (fault === undefined) return;
    throw unfit(id, [fault], findings);
  }

  /** Gives a cluster the login for streams, or another one, or (null) none. @throws UnfitCluster when it would not do */
  async keepStreams(cluster: Cluster, streams: StreamsLogin | null): Promise<void> {
    const ref = secretRefs.clusterStreams(cluster.id);
    if (streams === null) {
      await this.secrets.destroy(ref);
      return;
    }
    const wishes = { extensions: [], maxTenants: null, streams: wanted(streams) };
    const { findings } = await this.probe.check(await this.accessTo(cluster), wishes);
    const faults = findings.filter(({ code, severity }) => severity === 'error' && code.startsWith('streams-login'));
    if (faults.length > 0) throw unfit(cluster.id, faults, findings);
    await this.keep(ref, streams);
  }

  private async accessTo({ id, host, port, sslMode, ca, database }: Cluster): Promise<ClusterAccess> {
    const admin = await this.secrets.read(secretRefs.clusterAdmin(id));
    if (admin === null)
      throw new BerthError('secret-missing', `The admin login of cluster ${id} is not in the secret store.`);
    const { username: user, password } = admin.document;
    return { clusterId: id, host, port, sslMode, database, user, password, ...(ca !== null && { ca }) };
  }

  private async keep(ref: SecretRef<ClusterAdminSecret>, login: ClusterAdminSecret): Promise<void> {
    const expectedVersion = await this.secrets.newestVersion(ref);
    await this.secrets.write(ref, login, { expectedVersion, metadata: {} });
  }
}

type StreamsLogin = NonNullable<RegisterCluster['streams']>;

function wanted(streams: StreamsLogin | undefined): { readonly user: string; readonly password: string } | null {
  return streams === undefined ? null : { user: streams.username, password: streams.password };
}

function cordoned(body: RegisterCluster, postgresMajor: number): Omit<Cluster, 'version' | 'createdAt'> {
  const { id, tier, host, port, sslMode, ca = null, database, labels, maxOperations } = body;
  const maxTenants = roomOf(body);
  return {
    id,
    tier,
    host,
    port,
    sslMode,
    ca,
    database,
    labels,
    maxTenants,
    maxOperations,
    postgresMajor,
    state: 'cordoned',
    managed: false,
  };
}

/** A dedicated server is one tenant's. */
export function roomOf({ tier, maxTenants }: Pick<Cluster, 'tier' | 'maxTenants'>): number | null {
  return tier === 'dedicated' ? Math.min(1, maxTenants ?? 1) : maxTenants;
}

/** A registration that broke off: never changed since it was claimed, and of the same server for the same tier. */
function isUnfinished(cluster: Cluster, { tier, host, port, sslMode, database }: RegisterCluster): boolean {
  const sameServer = cluster.host === host && cluster.port === port && cluster.database === database;
  return (
    sameServer &&
    cluster.tier === tier &&
    cluster.sslMode === sslMode &&
    cluster.state === 'cordoned' &&
    cluster.version === 1 &&
    !cluster.managed
  );
}

function accessOf({ id, host, port, sslMode, ca, database, admin }: RegisterCluster): ClusterAccess {
  return {
    clusterId: id,
    host,
    port,
    sslMode,
    database,
    user: admin.username,
    password: admin.password,
    ...(ca !== undefined && { ca }),
  };
}

function exists(id: string): BerthError {
  return new BerthError('cluster-exists', `There is a cluster "${id}" already.`, {
    hint: 'Choose another id, PATCH the one there is, or DELETE it first.',
  });
}

/** The code of the first error that has one of its own, so that a program sees what kind of unfit it is. */
function unfit(id: string, errors: readonly Finding[], findings: readonly Finding[]): UnfitCluster {
  const code =
    errors.map((error) => error.code).find((name): name is ErrorCode => name in problemStatus) ?? 'preflight-failed';
  const sentences = errors.map(({ message }) => message).join(' ');
  const remedies = errors.flatMap(({ remedy }) => (remedy === null ? [] : [remedy]));
  return new UnfitCluster(
    code,
    `The cluster "${id}" cannot be registered: ${sentences || 'its version could not be read.'}`,
    {
      ...(remedies.length > 0 && { hint: remedies.join(' ') }),
      details: { findings: findings.map(findingBody) },
    },
  );
}
