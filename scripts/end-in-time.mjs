// Thread beside the test files of one process. BERTH_TEST_END (seconds since 1970): the file that is under way then is named, with the place
// where its process stands, and the process is killed: Jest takes that for a failure, and goes on in another one.
import { appendFileSync, writeSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';

const end = Number(process.env.BERTH_TEST_END) * 1_000;

let underWay = null;
parentPort.on('message', (message) => (underWay = message));

// In pieces: a timer of more than 24 days would fire at once.
while (Date.now() < end) await pause(Math.min(end - Date.now() + 1, 60_000));
// What begins later has its own limit: BERTH_TEST_UNTIL.
if (underWay === null) process.exit();
const { file, at } = underWay;
// In spawnSync and its like a process does not even tell an inspector where it stands.
const place = await Promise.race([standsAt(), pause(8_000, 'what does not turn: a program it waits for')]).catch(
  String,
);
const line = `${file}: ${at}: did not end before the run's time was up, at ${place}`;
if (process.env.BERTH_TEST_FAILED !== undefined) appendFileSync(process.env.BERTH_TEST_FAILED, `${line}\n`);
// Not console.error: a thread's own output goes through the very event loop that hangs.
writeSync(2, `\n${line}\n`);
process.kill(process.pid, 'SIGKILL');

/** The functions of files that the main thread is in, innermost first; that it waits, where it is in none for a while. */
async function standsAt() {
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map();
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  await session.post('Debugger.enable');
  // Between two turns it stands in functions of Node alone, which say nothing: then it goes on for a little.
  for (const until = performance.now() + 4_000; performance.now() < until;) {
    const paused = new Promise((resolve) =>
      session.once('Debugger.paused', ({ params }) => resolve(params.callFrames)),
    );
    await session.post('Debugger.pause');
    const frames = await Promise.race([paused, pause(2_000, null)]);
    if (frames === null) break;
    const places = frames
      .map(({ functionName, location: { scriptId, lineNumber } }) => ({
        url: urls.get(scriptId) ?? '',
        said: `${functionName || '(anonymous)'} (${urls.get(scriptId)}:${lineNumber + 1})`,
      }))
      .filter(({ url }) => url !== '' && !url.startsWith('node:'));
    if (places.length > 0)
      return places
        .map(({ said }) => said)
        .slice(0, 10)
        .join(' in ');
    await session.post('Debugger.resume');
  }
  return 'nothing: it waits';
}
