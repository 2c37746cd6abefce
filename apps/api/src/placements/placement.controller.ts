import { Controller, Get } from '@nestjs/common';
import { ok, type Answer } from '../http/answer.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { PlacementExplanations } from './explain-placement.js';
import { explanationBody } from './placement.dto.js';
import * as routes from './placement.routes.js';

@Controller('v1/tenants/:tenantId/placement')
export class PlacementController {
  constructor(private readonly explanations: PlacementExplanations) {}

  @Get()
  @RequireScope('tenants:read')
  @Route(routes.explainPlacement)
  async explain(@Input() { path, caller }: InputOf<typeof routes.explainPlacement>): Promise<Answer> {
    const explanation = await this.explanations.of(path.tenantId);
    return ok(explanationBody(explanation, { onlyChosen: caller.tenantId !== null }), { tenantId: path.tenantId });
  }
}
