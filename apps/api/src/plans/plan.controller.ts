import { Controller, Delete, Get, Put } from '@nestjs/common';
import { BerthError, type Plan } from '@berth/domain';
import { PlanCatalog } from '@berth/ports';
import { Answer, created, ok } from '../http/answer.js';
import { requireVersion } from '../http/etag.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { planBody } from './plan.dto.js';
import * as routes from './plan.routes.js';

@Controller('v1/plans')
export class PlanController {
  constructor(private readonly plans: PlanCatalog) {}

  @Get()
  @RequireScope('tenants:read', 'billing')
  @Route(routes.listPlans)
  async list(): Promise<Answer> {
    return ok({ items: (await this.plans.list()).map(planBody) });
  }

  @Get(':plan')
  @RequireScope('tenants:read', 'billing')
  @Route(routes.getPlan)
  async get(@Input() { path }: InputOf<typeof routes.getPlan>): Promise<Answer> {
    const plan = await this.present(path.plan);
    return ok(planBody(plan), { version: plan.version });
  }

  @Put(':plan')
  @RequireScope('admin')
  @Route(routes.putPlan)
  async put(@Input() { path, body, expectedVersion }: InputOf<typeof routes.putPlan>): Promise<Answer> {
    const before = await this.plans.get(path.plan);
    const expected = requireVersion(expectedVersion, before?.version ?? null);
    const plan = await this.plans.put({ name: path.plan, ...body }, expected);
    const facts = { version: plan.version };
    return before === null ? created(`/v1/plans/${plan.name}`, planBody(plan), facts) : ok(planBody(plan), facts);
  }

  @Delete(':plan')
  @RequireScope('admin')
  @Route(routes.deletePlan)
  async delete(@Input() { path, expectedVersion }: InputOf<typeof routes.deletePlan>): Promise<Answer> {
    const { version } = await this.present(path.plan);
    await this.plans.remove(path.plan, requireVersion(expectedVersion, version));
    return new Answer(204, null);
  }

  private async present(name: string): Promise<Plan> {
    const plan = await this.plans.get(name);
    if (plan === null) throw planNotFound(name);
    return plan;
  }
}

function planNotFound(name: string): BerthError {
  return new BerthError('plan-not-found', `There is no plan "${name}".`, { hint: 'GET /v1/plans lists the plans.' });
}
