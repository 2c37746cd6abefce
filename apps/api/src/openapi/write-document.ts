import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { documentText } from './document-text.js';

await writeFile(fileURLToPath(new URL('../../openapi.json', import.meta.url)), await documentText());
