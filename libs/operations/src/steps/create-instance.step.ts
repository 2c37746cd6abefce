import { randomBytes } from 'node:crypto';
import { type ClusterAdminSecret, secretRefs, tenantsDatabase, type TenantId } from '@berth/domain';
import type { InstanceSpec } from '@berth/ports';
import { done, step, type UndoContext } from '@berth/saga';
import type { Tools } from '../tools.js';

/** `instance` is null where the tenant goes to a cluster that is there already. */
export interface NeedsInstance {
  readonly tenantId: TenantId;
  readonly instance: InstanceSpec | null;
}

type InstanceTools = Pick<Tools, 'clusters' | 'directory' | 'infrastructure' | 'placements' | 'probe' | 'secrets'>;

/** The logins of every instance that Berth makes: its admin, and the one for streams, since the other end of a move may be on PostgreSQL 15. */
const adminUser = 'berth_admin';
const streamsUser = 'berth_streams';

export const createInstance = step<NeedsInstance, InstanceTools>()({
  name: 'create-instance',
  describe: (input) =>
    `Create the dedicated PostgreSQL instance ${instanceOf(input).clusterId} and register it as a cluster.`,

  async run(context) {
    const { tools, signal, reportProgress } = context;
    const spec = instanceOf(context.input);
    const password = await stagedPassword(context, spec.clusterId);
    const streams = { username: streamsUser, password: randomBytes(24).toString('base64url') };
    const admin = { username: adminUser, password, streams };
    const instance = await tools.infrastructure.create(spec, admin, { signal, onProgress: reportProgress });
    const made = instance.adminMakesStreams === true ? { username: adminUser, password } : streams;
    await keepStreams(context, spec.clusterId, made);
    await tools.clusters.add({
      id: spec.clusterId,
      tier: 'dedicated',
      state: 'active',
      host: instance.host,
      port: instance.port,
      sslMode: instance.sslMode,
      ca: instance.ca ?? null,
      database: tenantsDatabase,
      postgresMajor: instance.postgresMajor,
      labels: { ...spec.labels, ...instance.labels },
      maxTenants: 1,
      maxOperations: 1,
      managed: true,
    });
    await tools.probe.prepare(await tools.directory.access(spec.clusterId));
    return done;
  },

  async undo({ input, tools, signal, reportProgress }) {
    const { clusterId } = instanceOf(input);
    // What was reserved there goes first: a cluster with a placement is not forgotten.
    for (const { tenantId, generation } of await tools.placements.onCluster(clusterId)) {
      await tools.placements.retire(tenantId, generation);
    }
    await destroyInstance(tools, clusterId, { signal, onProgress: reportProgress });
    return done;
  },
});

/** Destroys the instance with its registration and its admin secret; nothing of it is left. Convergent. */
export async function destroyInstance(
  tools: Pick<Tools, 'clusters' | 'infrastructure' | 'secrets'>,
  clusterId: string,
  work: Parameters<Tools['infrastructure']['destroy']>[1],
): Promise<void> {
  await tools.infrastructure.destroy(clusterId, work);
  await tools.clusters.remove(clusterId);
  await tools.secrets.destroy(secretRefs.clusterAdmin(clusterId));
  await tools.secrets.destroy(secretRefs.clusterStreams(clusterId));
}

/** The instance has been given this very password, and no earlier one opens it. */
async function keepStreams(
  { input, operationId, tools }: UndoContext<NeedsInstance, InstanceTools>,
  clusterId: string,
  login: ClusterAdminSecret,
): Promise<void> {
  const ref = secretRefs.clusterStreams(clusterId);
  const expectedVersion = await tools.secrets.newestVersion(ref);
  await tools.secrets.write(ref, login, { expectedVersion, metadata: { tenantId: input.tenantId, operationId } });
}

/** Written before the instance is made, so that a crash in between never leaves an instance nobody can enter. */
async function stagedPassword(context: UndoContext<NeedsInstance, InstanceTools>, clusterId: string): Promise<string> {
  const { secrets } = context.tools;
  const ref = secretRefs.clusterAdmin(clusterId);
  const staged = await secrets.read(ref);
  if (staged !== null) return staged.document.password;
  const password = randomBytes(24).toString('base64url');
  await secrets.write(
    ref,
    { username: adminUser, password },
    {
      expectedVersion: await secrets.newestVersion(ref),
      metadata: { tenantId: context.input.tenantId, operationId: context.operationId },
    },
  );
  return password;
}

function instanceOf(input: NeedsInstance): InstanceSpec {
  if (input.instance === null) throw new Error('create-instance runs only for an input with an instance');
  return input.instance;
}
