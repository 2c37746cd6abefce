import type { MoveStrategy } from '@berth/domain';

const checkNames = [
  'threeTenantsReady',
  'promoted',
  'othersStayed',
  'secretPointsToNewPlace',
  'everyRowCompared',
  'ownCountAgrees',
  'writesGoOn',
  'readsGoOn',
  'noWriteLost',
  'noWriteDoubled',
  'oldLoginRefused',
  'oldPlaceFenced',
] as const;
const onlineCheckNames = ['wentBack', 'wentAgain', 'oldPlacesGone'] as const;

/** What the story proves, by name. */
export type Checks = Readonly<Record<(typeof checkNames)[number], boolean>> &
  Readonly<Partial<Record<(typeof onlineCheckNames)[number], boolean>>>;

/** Of a story that broke off: what was not seen has not passed. */
export function nothingChecked(strategy: MoveStrategy): Readonly<Record<string, boolean>> {
  const names = strategy === 'online' ? [...checkNames, ...onlineCheckNames] : checkNames;
  return Object.fromEntries(names.map((name) => [name, false]));
}
