export * from './berth-home.js';
export { whenAvailable, type TestPart } from './when-available.js';
export * from './postgres-server.js';
export * from './postgres-standby.js';
export { inTurn, isShortRun } from './in-turn.js';
export * from './fakes/fake-secret-store.js';
export * from './contracts/secret-store.contract.js';
export * from './fakes/fake-infrastructure.js';
export * from './contracts/infrastructure.contract.js';
export * from './child-script.js';
export * from './server-place.js';
export { ServerFolder } from './server-folder.js';
export * from './fakes/fake-cluster-directory.js';
export * from './fakes/fake-tenant-database.js';
export * from './contracts/tenant-database.contract.js';
export * from './fakes/fake-tenant-adoption.js';
export * from './contracts/tenant-adoption.contract.js';
export { awkwardSchema } from './fixtures/awkward-schema.js';
export { handPassword, handRoles, makeSchemaByHand, type HandRoles } from './fixtures/schema-by-hand.js';
export { asTenant, makeTenantPlace } from './fixtures/tenant-place.js';
export { clientTable, startTenantClients, type TenantAddress, type TenantClients } from './fixtures/tenant-clients.js';
export { startTenantAtWork, type TenantAtWork } from './fixtures/tenant-at-work.js';
export { TenantWriters, type TenantWritersOptions } from './fixtures/tenant-writers.js';
export { standBeforeSwitch } from './fixtures/before-a-switch.js';
export { startTenantPair, type TenantPair, type TenantPairOptions } from './fixtures/tenant-pair.js';
export * from './fakes/fake-cluster-probe.js';
export * from './fakes/fake-tenant-migrations.js';
export * from './contracts/cluster-probe.contract.js';
export * from './contracts/tenant-migrations.contract.js';
export * from './fakes/fake-operation-desk.js';
export { InMemoryCatalog } from './fakes/in-memory-catalog/in-memory-catalog.js';
export { FakeJobQueue } from './fakes/fake-job-queue.js';
export { describeCatalogContract } from './contracts/catalog/catalog.contract.js';
export type { CatalogDoors, CatalogSubject, MakeCatalog } from './contracts/catalog/catalog-subject.js';
export {
  emptySchema,
  copyOf,
  FakeTenantData,
  FakeSqlError,
  type FakeGate,
  type FakeSchema,
} from './fakes/fake-tenant-data.js';
export * from './fakes/fake-tenant-fence.js';
export * from './fakes/fake-tenant-comparison.js';
export * from './fakes/fake-tenant-copy.js';
export * from './contracts/tenant-fence.contract.js';
export * from './contracts/tenant-comparison.contract.js';
export * from './contracts/tenant-copy.contract.js';
export { describeJobQueueContract, type JobQueueSubject } from './contracts/job-queue.contract.js';
export { redisPart, startRedis, type TestRedis, type TestRedisOptions } from './redis-server.js';
export { describeRequestCounterContract, type RequestCounterSubject } from './contracts/request-counter.contract.js';
export { catalogQuestions, fillCatalog, type CatalogSize } from './fixtures/full-catalog.js';
export { chinook } from './fixtures/chinook.js';
export * from './fixtures/saga-stage.js';
export { FakeSystem } from './fixtures/fake-system.js';
export { heldAroundSwitch } from './fixtures/held-around-switch.js';
export { ApiProcess } from './fixtures/api-process.js';
export { beforeStep, fakeMoves, systemToMoveIn } from './fixtures/fake-move.js';
export { WorkerProcess } from './fixtures/worker-process.js';
export { TestVault, vaultPart } from './vault-server.js';
export { VaultAccess } from './fixtures/vault-access.js';
export { VaultProxy } from './fixtures/vault-proxy.js';
export { motoPart, startMoto, type TestMoto } from './moto-server.js';
export { hadolintPart } from './hadolint.js';
export { laterNodesPart } from './later-nodes.js';
export { promtoolPart } from './promtool.js';
export { checkovPart, runCheckov, type CheckovRun } from './checkov.js';
export { runSchemathesis, schemathesisPart, type SchemathesisWishes } from './schemathesis.js';
export {
  parseTerraform,
  terraformFolder,
  type TerraformBody,
  type TerraformFiles,
  type TerraformFolder,
} from './terraform-files.js';
export { makeAuthority, opensslPart, requireTls, type TestAuthority } from './tls-server.js';
export { pgbouncerPart, startPgBouncer, type TestPgBouncer } from './pgbouncer-server.js';
export { FakeIsolationProber } from './fakes/fake-isolation-prober.js';
export { describeIsolationProberContract } from './contracts/isolation-prober.contract.js';
export { FakePooler, FakeTenantRouter } from './fakes/fake-tenant-router.js';
export { describeTenantRouterContract, type TenantRouterSubject } from './contracts/tenant-router.contract.js';
export { ClientTenants } from './fixtures/client-tenants.js';
export { TcpProxy, type Ambush, type Cut, type Pace } from './tcp-proxy.js';
export { FakeStreamLag } from './fakes/fake-stream-lag.js';
export { FakeTenantReplication } from './fakes/fake-tenant-replication.js';
export {
  describeTenantReplicationContract,
  type TenantReplicationSubject,
} from './contracts/tenant-replication.contract.js';
export { FakeTenantGate } from './fakes/fake-tenant-gate.js';
export { FakeOnlineCopy } from './fakes/fake-online-copy.js';
export { FakeTenantSwitch } from './fakes/fake-tenant-switch.js';
export { describeTenantGateContract, type TenantGateSubject } from './contracts/tenant-gate.contract.js';
export { describeOnlineCopyContract, type OnlineCopySubject } from './contracts/online-copy.contract.js';
export { describeTenantSwitchContract, type TenantSwitchSubject } from './contracts/tenant-switch.contract.js';
export { FakeServedCertificates } from './fakes/fake-served-certificates.js';
export { FakeServerExaminer, type FakeServer } from './fakes/fake-server-examiner.js';
export { describeServerExaminerContract, type ServerExaminerSubject } from './contracts/server-examiner.contract.js';
