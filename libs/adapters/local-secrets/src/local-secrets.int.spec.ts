import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SecretRef } from '@berth/domain';
import { runChildScript } from '@berth/testing';
import { LocalSecrets } from './local-secrets.js';

interface Note {
  readonly text: string;
}

const ref = 'tenants/acme/db' as SecretRef<Note>;
const rounds = 60;

/** Tries to write each version in turn, and tells what came of it. */
const racer = `
  import { LocalSecrets } from '@berth/local-secrets';
  const { folder, ref, name, rounds } = JSON.parse(process.argv[1]);
  const store = await LocalSecrets.open({ folder });
  console.log('ready');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  for (let expectedVersion = 0; expectedVersion < rounds; expectedVersion += 1) {
    const document = { text: name + ' ' + (expectedVersion + 1) };
    const found = await store.write(ref, document, { expectedVersion, metadata: {} }).then(
      (version) => ({ won: version }),
      (error) => ({ code: error.code, ...error.details }),
    );
    console.log(JSON.stringify(found));
  }
  process.stdin.destroy();
`;

/** Writes without end, and tells each version that is safely written. The text is long: a half of it would show. */
const writer = `
  import { LocalSecrets } from '@berth/local-secrets';
  const { folder, ref } = JSON.parse(process.argv[1]);
  const store = await LocalSecrets.open({ folder });
  for (let version = await store.newestVersion(ref); ; version += 1) {
    const text = String(version + 1).repeat(200_000);
    await store.write(ref, { text }, { expectedVersion: version, metadata: { generation: version + 1 } });
    console.log('wrote ' + (version + 1));
  }
`;

describe('LocalSecrets, several processes at once', () => {
  let folder: string;
  beforeEach(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'berth-secrets-')), 'secrets');
  });
  afterEach(async () => {
    await rm(path.dirname(folder), { recursive: true, force: true });
  });

  it('lets one of two processes win each version, and tells the other both versions', async () => {
    // Both open the empty folder at once: one of them makes the key.
    const racers = ['left', 'right'].map((name) => runChildScript(racer, { folder, ref, name, rounds }));
    await Promise.all(racers.map(async (child) => child.line('ready')));
    for (const child of racers) child.process.stdin?.write('go\n');
    for (const child of racers) expect(await child.ended).toEqual({ code: 0, signal: null });
    const results = racers.map((child) =>
      child.lines.slice(1).map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
    );
    const store = await LocalSecrets.open({ folder });
    expect(await store.versions(ref)).toHaveLength(rounds);
    for (let expectedVersion = 0; expectedVersion < rounds; expectedVersion += 1) {
      const both = results.map((result) => result[expectedVersion]!);
      const won = both.filter((one) => one['won'] === expectedVersion + 1);
      const lost = both.filter((one) => one['code'] === 'secret-conflict');
      expect([won.length, lost.length]).toEqual([1, 1]);
      expect(lost[0]).toMatchObject({ expectedVersion });
      expect(lost[0]!['foundVersion']).toBeGreaterThan(expectedVersion);
    }
    const newest = await store.read(ref);
    const winner = results[0]!.at(-1)!['won'] === rounds ? 'left' : 'right';
    expect(newest?.document.text).toBe(`${winner} ${String(rounds)}`);
  });

  it('holds the old or the new version, whole, whenever a writer is killed', async () => {
    const store = await LocalSecrets.open({ folder });
    let newest = 0;
    for (let round = 0; round < 8; round += 1) {
      const child = runChildScript(writer, { folder, ref });
      await child.line(`wrote ${String(newest + 1 + round)}`);
      // Some way into the next write, farther each round.
      for (let turn = 0; turn < round * 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await child.kill9();
      const told = Number(child.lines.at(-1)!.split(' ')[1]);
      const read = await store.read(ref);
      newest = read!.version;
      expect([told, told + 1]).toContain(newest);
      expect(read!.document.text === String(newest).repeat(200_000)).toBe(true);
      expect(read!.metadata).toEqual({ generation: newest });
      expect(await store.versions(ref)).toHaveLength(newest);
    }
    await store.destroy(ref);
    expect(await readdir(path.join(folder, 'refs'))).toEqual([]);
    expect(await readdir(path.join(folder, 'trash'))).toEqual([]);
  });
});
