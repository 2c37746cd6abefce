import { describeRoute } from '../http/route.js';
import {
  poolerList,
  poolerPath,
  poolerRegistrationDto,
  poolerReportDto,
  registerPoolerBody,
  registerPoolerQuery,
} from './pooler.dto.js';

export const registerPooler = describeRoute({
  id: 'register-pooler',
  summary: 'Register a PgBouncer, whose tenant aliases Berth keeps from then on; its checks run first',
  boundKeys: 'refused',
  query: registerPoolerQuery,
  body: registerPoolerBody,
  answers: {
    200: { description: 'The dry run: all findings. Nothing was done.', schema: poolerRegistrationDto },
    201: {
      description: 'It is registered; the worker’s next round fills it.',
      schema: poolerRegistrationDto,
      headers: ['Location'],
    },
  },
  problems: [
    'pooler-exists',
    'pooler-unreachable',
    'pooler-too-old',
    'pooler-unsafe',
    'pooler-files',
    'pooler-refused',
    'pooler-busy',
    'pooler-not-found',
    'secret-conflict',
    'secrets-unavailable',
  ],
});

export const listPoolers = describeRoute({
  id: 'list-poolers',
  summary: 'List poolers',
  boundKeys: 'refused',
  answers: { 200: { description: 'All poolers.', schema: poolerList } },
  problems: [],
});

export const getPooler = describeRoute({
  id: 'get-pooler',
  summary: 'Show a pooler, what its checks find now, and what differs from the catalog',
  boundKeys: 'refused',
  path: poolerPath,
  answers: { 200: { description: 'The pooler.', schema: poolerReportDto } },
  problems: ['pooler-not-found', 'pooler-refused', 'secrets-unavailable'],
});

export const deletePooler = describeRoute({
  id: 'delete-pooler',
  summary: 'Forget a pooler and take its aliases away, as far as it answers',
  boundKeys: 'refused',
  path: poolerPath,
  answers: { 204: { description: 'It is forgotten, its admin login destroyed.', schema: null } },
  problems: ['pooler-not-found', 'pooler-busy', 'secrets-unavailable'],
});
