// Thread beside a test file. BERTH_TEST_END (seconds since 1970): whatever is under way then is named, with the place where its process
// stands, and its process is killed: Jest takes that for a failure, and goes on.
import { appendFileSync, writeSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';

let underWay = null;
parentPort.on('message', (message) => (underWay = message));

await pause(Math.max(0, Number(process.env.BERTH_TEST_END) * 1_000 - Date.now()));
while (underWay === null) await pause(100);
const { file, at } = underWay;
const line = `${file}: ${at}: did not end before the run's time was up, at ${await standsAt()}`;
// Not console.error: a thread's own output goes through the very event loop that hangs.
writeSync(2, `\n${line}\n`);
if (process.env.BERTH_TEST_FAILED !== undefined) appendFileSync(process.env.BERTH_TEST_FAILED, `${line}\n`);
process.kill(process.pid, 'SIGKILL');

/** The functions of files that the main thread is in, innermost first; that it waits, where it is in none for a while. */
async function standsAt() {
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map();
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  const paused = new Promise((resolve) => session.once('Debugger.paused', ({ params }) => resolve(params.callFrames)));
  await session.post('Debugger.enable');
  await session.post('Debugger.pause');
  const frames = await Promise.race([paused, pause(2_000, [])]);
  const places = frames.map(({ functionName, location: { scriptId, lineNumber } }) => ({
    url: urls.get(scriptId) ?? '',
    said: `${functionName || '(anonymous)'} (${urls.get(scriptId)}:${lineNumber + 1})`,
  }));
  const ours = places.filter(({ url }) => url !== '' && !url.startsWith('node:'));
  return ours.length === 0
    ? 'nothing: it waits'
    : ours
        .map(({ said }) => said)
        .slice(0, 10)
        .join(' in ');
}
