import { FirstCatalog20261121000000 } from './20261121000000-first-catalog.js';
import { ClientReports20261126100000 } from './20261126100000-client-reports.js';
import { Poolers20261126200000 } from './20261126200000-poolers.js';
import { Clusters20261126300000 } from './20261126300000-clusters.js';
import { Confirmations20261127100000 } from './20261127100000-confirmations.js';
import { ReversedMoves20261127400000 } from './20261127400000-reversed-moves.js';
import { IsolationProofs20261127500000 } from './20261127500000-isolation-proofs.js';
import { AnnouncedPlaces20261127700000 } from './20261127700000-announced-places.js';
import { MoveLag20261128100000 } from './20261128100000-move-lag.js';
import { ReverseComparison20261128300000 } from './20261128300000-reverse-comparison.js';
import { WhatMovesTell20261128400000 } from './20261128400000-what-moves-tell.js';
import { AskedComparisons20261128700000 } from './20261128700000-asked-comparisons.js';
import { RetainedLog20261128900000 } from './20261128900000-retained-log.js';

/** All migrations, oldest first. One that was released is never changed: a new one follows it. */
export const migrations = [
  FirstCatalog20261121000000,
  ClientReports20261126100000,
  Poolers20261126200000,
  Clusters20261126300000,
  Confirmations20261127100000,
  ReversedMoves20261127400000,
  IsolationProofs20261127500000,
  AnnouncedPlaces20261127700000,
  MoveLag20261128100000,
  ReverseComparison20261128300000,
  WhatMovesTell20261128400000,
  AskedComparisons20261128700000,
  RetainedLog20261128900000,
] as const;
