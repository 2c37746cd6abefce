import { Injectable } from '@nestjs/common';
import { BerthError, hasEnded, type Operation, type TenantId } from '@berth/domain';
import { OperationCatalog } from '@berth/ports';
import { type MoveWord, OperationDesk, type OperationRequest } from '@berth/operations';
import type { Caller } from '../access/caller.js';
import { Answer, accepted, ok } from '../http/answer.js';
import type { AnswerDescription } from '../http/route.js';
import { operationDto, planBody, planDto } from './operation.dto.js';

/** The one door from a route to an operation: the dry run and the real one take the very same request. */
@Injectable()
export class StartOperation {
  constructor(
    private readonly desk: OperationDesk,
    private readonly operations: OperationCatalog,
  ) {}

  async planOrStart(request: OperationRequest, caller: Caller, dryRun: boolean): Promise<Answer> {
    try {
      if (!dryRun) return accepted(await this.desk.start(request, caller.actor));
      const plan = await this.desk.plan(request);
      return ok(planBody(plan), { tenantId: plan.tenantId });
    } catch (error) {
      if (request.kind !== 'provision-tenant' && request.kind !== 'adopt-tenant') throw error;
      throw await this.namingTheFirst(error, request.tenantId);
    }
  }

  /** The same for a word to a move under way, which starts no operation of its own. */
  async planOrSay(moveId: string, word: MoveWord, dryRun: boolean): Promise<Answer> {
    if (!dryRun) return accepted(await this.say(moveId, word));
    const plan = await this.desk.planWord(moveId, word);
    return ok(planBody(plan), { tenantId: plan.tenantId, operationId: moveId });
  }

  private say(moveId: string, word: MoveWord): Promise<Operation> {
    switch (word) {
      case 'verify':
        return this.desk.requestVerify(moveId);
      case 'switch':
        return this.desk.requestSwitch(moveId);
      case 'cancel':
        return this.desk.cancel(moveId);
    }
  }

  /** Who loses a race of two creates is told what the winner does, instead of only that there is somebody. */
  private async namingTheFirst(error: unknown, tenantId: TenantId): Promise<unknown> {
    if (!(error instanceof BerthError) || error.code !== 'tenant-exists') return error;
    const [first] = (await this.operations.list({ tenantId }, { limit: 1 })).items;
    if (first === undefined || hasEnded(first.state)) return error;
    return new BerthError(
      'tenant-exists',
      `${error.message} The operation ${first.id} (${first.kind}) is at work on it.`,
      {
        cause: error,
        hint: `Type "berth operations watch ${first.id}".`,
        details: { ...error.details, operationId: first.id },
      },
    );
  }
}

export const operationAnswers: Readonly<Record<number, AnswerDescription>> = {
  200: { description: 'The dry run: the plan and what the live checks say. Nothing was done.', schema: planDto },
  202: { description: 'It was started.', schema: operationDto, headers: ['Location'] },
};

/** As {@link operationAnswers}, of a word to an operation that runs already. */
export const wordAnswers: Readonly<Record<number, AnswerDescription>> = {
  ...operationAnswers,
  202: { description: 'It was asked for.', schema: operationDto, headers: ['Location'] },
};
