// Checks every resource, data source, block, attribute and reference of our .tf files against the schema of the provider
// hashicorp/aws, as the npm package @cdktf/provider-aws carries it: `terraform validate` wants the provider itself, which not
// every machine can fetch. Downloads 37 MB into a temporary folder, so it is no part of `npm test`.
//
// It knows names, nesting and what is required; types of values and what AWS makes of them it does not.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { getReferencesInExpression, parse } from '@cdktf/hcl2json';

const schemaPackage = '@cdktf/provider-aws@21.22.1'; // of the provider 6.25.0
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const terraformFolder = path.join(root, 'terraform');
/** Known to Terraform itself, at the top of every resource; deeper they are the provider's own (`lifecycle` of a backup rule). */
const metaArguments = new Set([
  'count',
  'for_each',
  'provider',
  'depends_on',
  'lifecycle',
  'provisioner',
  'connection',
]);

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const pascal = (name) => camel(name).replace(/^./, (letter) => letter.toUpperCase());

function fetchTypes() {
  const folder = mkdtempSync(path.join(tmpdir(), 'berth-aws-schema-'));
  try {
    const run = (program, ...args) =>
      execFileSync(program, args, { cwd: folder, maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'inherit'] });
    console.log(`fetching ${schemaPackage}`);
    const archive = run('npm', 'pack', '--silent', schemaPackage).toString().trim();
    return JSON.parse(run('tar', '-xzOf', archive, 'package/.jsii').toString()).types;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `aws_db_instance`, or `data.aws_region`, as the class of the package. */
function classOf(types, kind, type) {
  const bare = type.replace(/^aws_/, '');
  const name = kind === 'data' ? `data_aws_${bare}` : bare;
  return types[`@cdktf/provider-aws.${camel(name)}.${pascal(name)}`];
}

const configOf = (types, owner) => types[`${owner.fqn}Config`];

/** The struct behind a property: `T`, `T[]`, or one of them or something resolvable. */
function structOf(types, type) {
  if (type === undefined) return undefined;
  if (type.fqn?.startsWith('@cdktf/')) return types[type.fqn];
  if (type.collection !== undefined) return structOf(types, type.collection.elementtype);
  return type.union?.types.map((one) => structOf(types, one)).find((one) => one !== undefined);
}

const isBlock = (property) => / block\.$/.test(property.docs?.summary ?? '');

function checkBody(types, struct, body, where, faults, known = new Set()) {
  const properties = new Map((struct.properties ?? []).map((property) => [property.name, property]));
  const dynamic = body.dynamic ?? {};
  const written = new Map(Object.entries(body).filter(([name]) => name !== 'dynamic' && !known.has(name)));
  for (const [name, blocks] of Object.entries(dynamic))
    written.set(
      name,
      blocks.flatMap(({ content }) => content),
    );
  for (const [name, value] of written) {
    const property = properties.get(camel(name));
    if (property === undefined) {
      faults.push(`${where}: there is no ${name}`);
      continue;
    }
    counted += 1;
    const blocks = Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null) ? value : null;
    if (isBlock(property) !== (blocks !== null)) {
      faults.push(`${where}: ${name} is ${isBlock(property) ? 'a block' : 'an argument'}`);
      continue;
    }
    const inner = structOf(types, property.type);
    if (blocks === null || inner === undefined) continue;
    for (const block of blocks) checkBody(types, inner, block, `${where}.${name}`, faults);
  }
  for (const property of properties.values()) {
    if (property.optional || [...written.keys()].some((name) => camel(name) === property.name)) continue;
    faults.push(`${where}: ${property.name} is required`);
  }
}

function expressionsOf(value) {
  if (typeof value === 'string') return value.includes('${') ? [value] : [];
  return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(expressionsOf);
}

async function checkReferences(types, file, parsed, faults) {
  for (const expression of expressionsOf(parsed)) {
    for (const { value } of await getReferencesInExpression(file, expression)) {
      const match = /^(?<data>data\.)?(?<type>aws_\w+)\.\w+(?:\[[^\]]*\])?\.(?<attribute>\w+)/.exec(value);
      if (match === null) continue;
      const { data, type, attribute } = match.groups;
      const owner = classOf(types, data === undefined ? 'resource' : 'data', type);
      counted += 1;
      if (owner?.properties.some(({ name }) => name === camel(attribute)) !== true)
        faults.push(`${file}: ${value} does not exist`);
    }
  }
}

let counted = 0;
const types = fetchTypes();
const faults = [];
const files = readdirSync(terraformFolder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.tf') && !file.includes('.terraform'))
  .sort();
for (const file of files) {
  const parsed = await parse(file, readFileSync(path.join(terraformFolder, file), 'utf8'));
  for (const kind of ['resource', 'data']) {
    for (const [type, named] of Object.entries(parsed[kind] ?? {})) {
      if (!type.startsWith('aws_')) continue; // built in
      const owner = classOf(types, kind, type);
      if (owner === undefined) {
        faults.push(`${file}: there is no ${kind} ${type}`);
        continue;
      }
      for (const [name, bodies] of Object.entries(named))
        for (const body of bodies)
          checkBody(types, configOf(types, owner), body, `${file}: ${type}.${name}`, faults, metaArguments);
    }
  }
  await checkReferences(types, file, parsed, faults);
}
for (const fault of faults) console.error(fault);
console.log(`${counted} names in ${files.length} files against ${schemaPackage}: ${faults.length} faults`);
process.exitCode = faults.length === 0 && counted > 0 ? 0 : 1;
