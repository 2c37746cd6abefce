/**
 * How long a transaction of Berth's may stand still, on whichever server, until that server ends it; in ms. A process that is stopped in the
 * middle of one keeps its locks, and its connection open: the worker that takes over, and a tenant's writers, would wait for hours.
 * Longer than a lease by default is, so that nobody loses a transaction who may still go on. What is held long on purpose (the snapshot of a copy)
 * says its own bound.
 */
export const standstillMs = 15_000;
