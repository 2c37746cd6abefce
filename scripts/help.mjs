// Prints every script of package.json with its sentence.
import { readFileSync } from 'node:fs';

const read = (file) => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
const sentences = read('help.json');
const scripts = Object.keys(read('../package.json').scripts);

const width = Math.max(...scripts.map((name) => name.length));
for (const name of Object.keys(sentences).filter((name) => scripts.includes(name))) {
  console.log(`npm run ${name.padEnd(width)}  ${sentences[name]}`);
}
