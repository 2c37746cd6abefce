// npm run audit: compares what is delivered with the published advisories. A registry that does not answer is no clean bill: it says so,
// and fails nothing, for a mirror that only reads is no fault of ours.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Advisories that do not concern Berth, by their address, each with the reason. One that is no longer reported has to go. */
const explained = {};

/** Of what `npm audit --json` printed: whether the registry answered, and a sentence for each thing to say. */
export function verdictOf(printed, reasons) {
  const answer = parsed(printed);
  if (answer?.metadata?.vulnerabilities === undefined)
    return { answered: false, faults: [], notes: [`The registry did not answer: ${reasonIn(answer)}`] };
  const advisories = Object.values(answer.vulnerabilities ?? {}).flatMap(({ name, via }) =>
    via.filter((one) => typeof one === 'object').map(({ title, url, severity }) => ({ name, title, url, severity })),
  );
  const open = advisories.filter(({ url }) => reasons[url] === undefined);
  const known = advisories.filter(({ url }) => reasons[url] !== undefined);
  const stale = Object.keys(reasons).filter((url) => advisories.every((one) => one.url !== url));
  return {
    answered: true,
    faults: [
      ...open.map(({ name, title, url, severity }) => `${name}, ${severity}: ${title} (${url})`),
      ...stale.map((url) => `${url} is explained and no longer reported: take the explanation out`),
    ],
    notes: known.map(({ name, url }) => `${name}: ${url} does not concern Berth: ${reasons[url]}`),
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const reasonIn = (answer) => answer?.message ?? answer?.error?.summary ?? 'npm printed no answer';

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const npm = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: root, encoding: 'utf8' });
  const { answered, faults, notes } = verdictOf(npm.stdout ?? '', explained);
  for (const note of notes) console.log(note);
  for (const fault of faults) console.error(fault);
  if (!answered) console.log('NOT PROVED: whether a published advisory concerns what is delivered is not known.');
  else if (faults.length === 0) console.log('No published advisory concerns what is delivered.');
  process.exitCode = faults.length === 0 ? 0 : 1;
}
