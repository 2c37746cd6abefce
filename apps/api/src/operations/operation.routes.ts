import { describeRoute } from '../http/route.js';
import { operationDto, operationEvent, operationListQuery, operationPage, operationPath } from './operation.dto.js';

export const listOperations = describeRoute({
  id: 'list-operations',
  summary: 'List operations, newest first',
  boundKeys: 'filtered',
  query: operationListQuery,
  answers: { 200: { description: 'A page.', schema: operationPage } },
  problems: ['invalid-cursor', 'tenant-not-found'],
});

export const getOperation = describeRoute({
  id: 'get-operation',
  summary: 'Show an operation with its numbered steps and their times',
  boundKeys: 'filtered',
  path: operationPath,
  answers: { 200: { description: 'The operation.', schema: operationDto, headers: ['ETag'] } },
  problems: ['operation-not-found'],
});

export const watchOperation = describeRoute({
  id: 'watch-operation',
  summary: 'Stream an operation as Server-Sent Events',
  description:
    'Each event `operation` holds the whole operation and an id; `Last-Event-ID` leaves out what was seen. A comment every 15 s keeps the connection open. The stream ends with the event `end` when the operation has ended.',
  boundKeys: 'filtered',
  path: operationPath,
  answers: {
    200: {
      description: 'The stream.',
      schema: operationEvent,
      contentType: 'text/event-stream',
    },
  },
  problems: ['operation-not-found'],
});

const changed = { 202: { description: 'It was asked for.', schema: operationDto, headers: ['Location'] } } as const;

export const cancelOperation = describeRoute({
  id: 'cancel-operation',
  summary: 'Cancel an operation; honoured between steps and inside long ones',
  description: 'Needs `moves:write` for a move and its completion, `tenants:write` for everything else.',
  boundKeys: 'filtered',
  path: operationPath,
  answers: changed,
  problems: ['operation-not-found', 'operation-state', 'past-point-of-no-return'],
});

export const confirmOperation = describeRoute({
  id: 'confirm-operation',
  summary: 'Say yes to an operation that waits for it: keeps an adoption',
  boundKeys: 'filtered',
  path: operationPath,
  answers: changed,
  problems: ['operation-not-found', 'operation-state'],
});

export const retryOperation = describeRoute({
  id: 'retry-operation',
  summary: 'Put an operation that needs an operator back to work',
  description: 'Needs `moves:write` for a move and its completion, `tenants:write` for everything else.',
  boundKeys: 'filtered',
  path: operationPath,
  answers: changed,
  problems: ['operation-not-found', 'operation-state'],
});
