import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { projectFolder } from '../system/programs.js';

export interface SampleData {
  readonly name: string;
  /** Run one after the other by the tenant's own login, as a product runs its migrations. */
  readonly scripts: readonly string[];
}

const chinook = path.resolve(projectFolder, '../shared/data/chinook/chinook.sql');
const shipped = ['001_shop.sql', '002_rows.sql'].map((file) => path.join(projectFolder, 'apps/cli/demo', file));

/** The Chinook music shop when somebody put it beside the project, else the sample that the project brings. */
export async function sampleData(): Promise<SampleData> {
  const text = await readFile(chinook, 'utf8').catch(() => undefined);
  if (text !== undefined) return { name: 'Chinook', scripts: [text] };
  return { name: 'sample shop', scripts: await Promise.all(shipped.map((file) => readFile(file, 'utf8'))) };
}
