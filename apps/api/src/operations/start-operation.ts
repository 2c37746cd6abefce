import { Injectable } from '@nestjs/common';
import { OperationDesk, type OperationRequest } from '@berth/operations';
import type { Caller } from '../access/caller.js';
import { Answer, accepted, ok } from '../http/answer.js';
import type { AnswerDescription } from '../http/route.js';
import { operationDto, planBody, planDto } from './operation.dto.js';

/** The one door from a route to an operation: the dry run and the real one take the very same request. */
@Injectable()
export class StartOperation {
  constructor(private readonly desk: OperationDesk) {}

  async planOrStart(request: OperationRequest, caller: Caller, dryRun: boolean): Promise<Answer> {
    if (!dryRun) return accepted(await this.desk.start(request, caller.actor));
    const plan = await this.desk.plan(request);
    return ok(planBody(plan), { tenantId: plan.tenantId });
  }
}

export const operationAnswers: Readonly<Record<number, AnswerDescription>> = {
  200: { description: 'The dry run: the plan and what the live checks say. Nothing was done.', schema: planDto },
  202: { description: 'It was started.', schema: operationDto, headers: ['Location'] },
};
