import { Controller, Get, Post } from '@nestjs/common';
import { BerthError, type DoctorReport } from '@berth/domain';
import { Doctor } from '@berth/operations';
import { ClusterCatalog } from '@berth/ports';
import { type Answer, ok } from '../http/answer.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { doctorFixesBody, doctorReportBody } from './doctor.dto.js';
import * as routes from './doctor.routes.js';

/** Examines the system, and mends what needs no person. It takes seconds, so that the answer is awaited. */
@Controller('v1/doctor')
export class DoctorController {
  /** By cluster; '' is the whole system. Who asks while an examination runs gets its answer: many at once would be felt. */
  readonly #running = new Map<string, Promise<DoctorReport>>();

  constructor(
    private readonly doctor: Doctor,
    private readonly clusters: ClusterCatalog,
  ) {}

  @Get()
  @RequireScope('admin')
  @Route(routes.examine)
  async examine(@Input() { query }: InputOf<typeof routes.examine>): Promise<Answer> {
    return ok(doctorReportBody(await this.examineOnce(query.cluster)));
  }

  @Post('fixes')
  @RequireScope('admin')
  @Route(routes.fix)
  async fix(@Input() { query, caller }: InputOf<typeof routes.fix>): Promise<Answer> {
    const { cluster, dryRun } = query;
    const report = await this.examineOnce(cluster);
    const fixes = await this.doctor.mend(report, { requestedBy: caller.actor, dryRun });
    return ok(doctorFixesBody(report, fixes));
  }

  private async examineOnce(clusterId?: string): Promise<DoctorReport> {
    if (clusterId !== undefined) await this.requireCluster(clusterId);
    const key = clusterId ?? '';
    const running = this.#running.get(key) ?? this.doctor.examine(clusterId ?? null);
    this.#running.set(key, running);
    try {
      return await running;
    } finally {
      if (this.#running.get(key) === running) this.#running.delete(key);
    }
  }

  private async requireCluster(clusterId: string): Promise<void> {
    const cluster = await this.clusters.get(clusterId);
    if (cluster !== null && cluster.state !== 'retired') return;
    throw new BerthError('cluster-not-found', `There is no cluster "${clusterId}".`, {
      hint: 'GET /v1/clusters lists the clusters.',
    });
  }
}
