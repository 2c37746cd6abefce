import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkovPart, runCheckov, whenAvailable } from '@berth/testing';

const terraformRoot = fileURLToPath(new URL('../../../../terraform', import.meta.url));
const suppression = /^\s*# checkov:skip=(?<check>CKV\d?_AWS_\d+)(?::(?<reason>.*))?$/gm;

whenAvailable(checkovPart, 'the modules for AWS, under review by checkov', () => {
  it('break no rule', async () => {
    const { failed, passed, unread } = await runCheckov(terraformRoot);
    expect(failed.map(({ check_id: id, check_name: name, resource }) => `${id} ${resource}: ${name}`)).toEqual([]);
    expect(unread).toBe(0);
    expect(passed).toBeGreaterThan(100);
  });

  it('suppress only what they would break, and say why', async () => {
    const bare = await mkdtemp(path.join(tmpdir(), 'berth-checkov-'));
    await cp(terraformRoot, bare, { recursive: true });
    const suppressed = new Set<string>();
    for (const file of (await readdir(bare, { recursive: true })).filter((name) => name.endsWith('.tf'))) {
      const text = await readFile(path.join(bare, file), 'utf8');
      for (const { groups } of text.matchAll(suppression)) {
        expect(groups?.['reason']).toMatch(/^.{30,}\.$/);
        suppressed.add(`${groups?.['check'] ?? ''} ${file}`);
      }
      await writeFile(path.join(bare, file), text.replaceAll(suppression, ''));
    }
    const { failed } = await runCheckov(bare);
    await rm(bare, { recursive: true });
    const broken = failed.map(({ check_id: id, file_path: file }) => `${id} ${file.replace(/^\//, '')}`);
    expect([...suppressed].sort()).toEqual([...new Set(broken)].sort());
  });
});
