import { inTurn, postgresParts, whenAvailable } from '@berth/testing';
import { describeCrashMatrix } from './crash-matrix.js';
import { manyStreams } from './scenarios/many-streams.js';
import { online } from './scenarios/online.js';

const major = 15;
const concerned = inTurn(import.meta.url, ['relocate online', 'reverse an online relocation']);
/** Those that do something else where streams take turns. */
const otherwise = ['follow-source', 'start-way-back', 'begin-reverse', 'switch-over', 'turn-streams'];

whenAvailable((await postgresParts())(major), 'online moves, streams in turns', () => {
  const scenarios = online.filter(({ name }) => concerned.includes(name));
  const servers = { major, replication: true, settings: manyStreams(major) };
  describeCrashMatrix('online moves, streams in turns', scenarios, servers, otherwise);
});
