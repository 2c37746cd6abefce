import type { Check } from './check.js';
import { certificates } from './checks/certificates.check.js';
import { clusters } from './checks/clusters.check.js';
import { instances } from './checks/instances.check.js';
import { log } from './checks/log.check.js';
import { operations } from './checks/operations.check.js';
import { places } from './checks/places.check.js';
import { poolers } from './checks/poolers.check.js';
import { scratch } from './checks/scratch.check.js';
import { secrets } from './checks/secrets.check.js';
import { settings } from './checks/settings.check.js';
import { streams } from './checks/streams.check.js';
import { tenants } from './checks/tenants.check.js';
import { versions } from './checks/versions.check.js';

/** The whole examination, in the order in which it is told. */
export const examination: readonly Check[] = [
  clusters,
  versions,
  certificates,
  settings,
  tenants,
  secrets,
  streams,
  log,
  places,
  scratch,
  instances,
  poolers,
  operations,
];
