// Types of the API from its own OpenAPI document: `node apps/cli/scripts/generate-api-types.mjs [--check]`.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';

const document = new URL('../../api/openapi.json', import.meta.url);
const target = new URL('../src/generated/api.ts', import.meta.url);
const header = `// Generated from the OpenAPI document of the API by apps/cli/scripts/generate-api-types.mjs. Changes made here are lost.
`;

// Mutable arrays: the Readable<> of openapi-fetch 0.17 takes readonly ones apart.
const types = astToString(await openapiTS(document, { defaultNonNullable: false }));
const options = { ...(await resolveConfig(target)), parser: 'typescript' };
const text = await format(header + types, options);

if (process.argv.includes('--check')) {
  const present = await readFile(target, 'utf8').catch(() => '');
  if (present !== text) {
    console.error('apps/cli/src/generated/api.ts is out of date: node apps/cli/scripts/generate-api-types.mjs');
    process.exitCode = 1;
  }
} else {
  await writeFile(target, text);
}
