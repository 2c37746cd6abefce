import { has, mayMakeTables, type Server, type World } from './world.js';
import { takesWrites } from './writers.js';

/** The first promise that a world breaks, as a sentence; null: it keeps them all. */
export function brokenPromise(world: World): string | null {
  if (takesWrites(world, 'source') && takesWrites(world, 'target'))
    return 'Both sides can acknowledge a write at this moment.';
  return lostWrite(world) ?? doubledRow(world) ?? doubledNumber(world) ?? brokenEnd(world);
}

/** Once the target takes writes it has every acknowledged write, and until it was decided the source has. */
function lostWrite(world: World): string | null {
  const acknowledged = world.writers.filter(({ is, kind }) => is === 'acknowledged' && kind !== 'taker');
  const missingAt = (server: Server): string | undefined =>
    acknowledged.find(({ name, kind }) => rowsOf(server, `${kind === 'maker' ? 'table' : 'row'} ${name}`) === 0)?.name;
  if (takesWrites(world, 'target')) {
    const missing = missingAt(world.target);
    if (missing !== undefined) return `The target takes writes, and the acknowledged write of ${missing} is not there.`;
  }
  if (!has(world.source, 'moved') && !has(world.target, 'open')) {
    const missing = missingAt(world.source);
    if (missing !== undefined) return `The acknowledged write of ${missing} is gone.`;
  }
  return null;
}

const rowsOf = ({ log }: Server, row: string): number =>
  log.filter((change) => change === row || change === `< ${row}`).length;

function doubledRow({ source, target, writers }: World): string | null {
  for (const row of ['row old', ...writers.map(({ name }) => `row ${name}`)]) {
    if (rowsOf(source, row) > 1) return `The source has ${row} twice.`;
    if (rowsOf(target, row) > 1) return `The target has ${row} twice.`;
  }
  return null;
}

function doubledNumber({ writers }: World): string | null {
  const numbers = writers.filter(({ is, number }) => is === 'acknowledged' && number > 0).map(({ number }) => number);
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
  return twice === undefined ? null : `Number ${twice} was given out twice.`;
}

/** Where streams take turns: what clients have written at the new place is at the old one, or is on its way there. */
function brokenWayBack({ turns, target, source, wayBackFrom }: World): string | null {
  if (turns === null) return null;
  if (turns.back !== 'carries' || turns.forward === 'carries') return 'The move is done, and the wrong stream carries.';
  const comes = (row: string, index: number): boolean => index >= (wayBackFrom ?? 0) || has(source, `< ${row}`);
  const passed = target.log.find((change, index) => change.startsWith('row ') && !comes(change, index));
  return passed === undefined ? null : `The move is done, and ${passed} never comes to the old place.`;
}

/** At its end an operation leaves the tenant at a place that works, and says so. */
function brokenEnd(world: World): string | null {
  const { worker, source, target, secret, placement, loginsAt } = world;
  if (worker.at === 'gave up') {
    if (has(source, 'moved') || has(source, 'fence')) return 'The move was taken back, and the source refuses writes.';
    if (!mayMakeTables(source)) return 'The move was taken back, and the tenant may make no tables.';
  }
  if (worker.at === 'done') {
    if (!has(target, 'open') || !loginsAt.target) return 'The move is done, and the target refuses writes.';
    if (secret !== 'target' || placement !== 'target') return 'The move is done, and the secret names the old place.';
    if (loginsAt.source) return 'The move is done, and the old place can still be read.';
    return brokenWayBack(world);
  }
  return null;
}
