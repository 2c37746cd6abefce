// npm run sbom: a bill of materials of what is delivered. npm's own `--omit dev` leaves out whatever some package of ours lists among its
// devDependencies too, PostgreSQL's driver for one: so npm lists everything, and what is delivered is followed from its roots.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** The programs, and the library for the product's services. */
const roots = ['apps/api', 'apps/cli', 'apps/worker', 'libs/client'];

const nameOf = (ref) => ref.slice(0, ref.lastIndexOf('@'));

/** Names that a package of ours asks for where it runs; null: it is somebody else's, and asks for nothing else. */
function askedFor(ref) {
  if (!ref.startsWith('@berth/')) return null;
  const { dependencies, peerDependencies } = packageIn(`node_modules/${nameOf(ref)}`);
  return Object.keys({ ...dependencies, ...peerDependencies });
}

const packageIn = (folder) => JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
const refOf = (folder) => {
  const { name, version } = packageIn(folder);
  return `${name}@${version}`;
};
const rootRefs = roots.map(refOf);

function deliveredOf({ dependencies }) {
  const edges = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const found = new Map();
  const waiting = [...rootRefs];
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    if (found.has(ref)) continue;
    const asked = askedFor(ref);
    const needs = (edges.get(ref) ?? []).filter((one) => asked === null || asked.includes(nameOf(one)));
    found.set(ref, needs);
    waiting.push(...needs);
  }
  return found;
}

const npm = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
});
if (npm.status !== 0) {
  console.error(npm.stderr);
  process.exit(1);
}
const bill = JSON.parse(npm.stdout);
const delivered = deliveredOf(bill);
bill.components = bill.components.filter((component) => delivered.has(component['bom-ref']));
const top = { ref: bill.metadata.component['bom-ref'], dependsOn: rootRefs };
bill.dependencies = [top, ...[...delivered].map(([ref, dependsOn]) => ({ ref, dependsOn }))];
console.log(JSON.stringify(bill, null, 2));
