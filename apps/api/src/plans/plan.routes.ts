import { describeRoute } from '../http/route.js';
import { planDto, planList, planPath, putPlanBody } from './plan.dto.js';

export const listPlans = describeRoute({
  id: 'list-plans',
  summary: 'List the plans',
  boundKeys: 'open',
  answers: { 200: { description: 'All plans.', schema: planList } },
  problems: [],
});

export const getPlan = describeRoute({
  id: 'get-plan',
  summary: 'Show a plan',
  boundKeys: 'open',
  path: planPath,
  answers: { 200: { description: 'The plan.', schema: planDto, headers: ['ETag'] } },
  problems: ['plan-not-found'],
});

export const putPlan = describeRoute({
  id: 'put-plan',
  summary: 'Create or change a plan',
  description:
    'New limits reach a tenant with its next repair or change of plan. The tier stays while a tenant has the plan.',
  boundKeys: 'refused',
  path: planPath,
  body: putPlanBody,
  ifMatch: true,
  answers: {
    200: { description: 'It was changed.', schema: planDto, headers: ['ETag'] },
    201: { description: 'It was created.', schema: planDto, headers: ['Location', 'ETag'] },
  },
  problems: ['version-conflict', 'precondition-failed', 'plan-in-use'],
});

export const deletePlan = describeRoute({
  id: 'delete-plan',
  summary: 'Delete a plan that no tenant has',
  boundKeys: 'refused',
  path: planPath,
  ifMatch: true,
  answers: { 204: { description: 'It is gone.', schema: null } },
  problems: ['plan-not-found', 'plan-in-use', 'version-conflict', 'precondition-failed'],
});
