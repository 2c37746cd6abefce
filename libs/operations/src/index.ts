export { lookAtOpenStreams, noteLagsOfKept, type OpenStream } from './move-tenant/open-streams.js';
export { CatalogClusterDirectory } from './cluster-directory.js';
export { chooseCluster, type ClusterChoice, decideCluster, type WantedCluster } from './desk/choose-cluster.js';
export type { PlanningPorts } from './desk/draft.js';
export { CatalogOperationDesk } from './desk/operation-desk.js';
export { Doctor } from './doctor/doctor.js';
export type { MendPorts as DoctorPorts } from './doctor/mend.js';
export { DrainDriver, type DrainDriverPorts } from './drain/drain-driver.js';
export {
  drainable,
  type DrainPlan,
  planDrain,
  type DrainPlanPorts,
  type PlannedDeparture,
} from './drain/drain-plan.js';
export { IsolationPolicy } from './isolation/isolation-policy.js';
export { IsolationProver, type IsolationProverPorts } from './isolation/isolation-prover.js';
export { lockTimeoutMs } from './move-tenant/compare-ends.js';
export * from './request.js';
export { accessTo } from './routing/poolers.js';
export { mendRoutes, routeDrift } from './routing/mend-routes.js';
export { allSagas, completeOnline, moveOnline, sagas } from './sagas.js';
export type { Tools } from './tools.js';
