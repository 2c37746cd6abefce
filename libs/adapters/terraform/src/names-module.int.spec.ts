import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rdsIdentifier } from '@berth/aws';
import { terraformFolder, whenAvailable } from '@berth/testing';
import { findTerraform } from './find-terraform.js';

const modules = fileURLToPath(new URL('../../../../terraform/modules', import.meta.url));
const names = { names: path.join(modules, 'names') };
const found = await findTerraform({ path: process.env['PATH'] });
const part = { name: 'Terraform', missing: found === null ? 'neither terraform nor tofu is on PATH' : undefined };

/** Ids at every edge of what is legal: lengths 3 and 40, hyphens wherever they may stand, digits, and ids that nearly meet. */
const tenantIds = [
  ...['abc', 'a1b', 'a-b', 'a-1', 'x9-', 'acme', 'acme-corp', 'acme-corp-g1', 'g1-g1', 'dedicated-x-g1'],
  ...['t-acme', 'c-shared-1', 'shared-1', 'acme-t', 'a-g1', 'a-g1-g2', 'a'.repeat(40), `a${'-b'.repeat(19)}c`],
  `a${'1'.repeat(39)}`,
].filter((id) => /^[a-z](?:[a-z0-9]|-(?=[a-z0-9]))*$/.test(id));
const clusterIds = [
  ...tenantIds.flatMap((id) => [1, 2, 10, 12_345_678].map((generation) => `dedicated-${id}-g${String(generation)}`)),
  ...['shared-1', 'shared-2', 'acme', 'acme-g1', 't-acme-g1', 'dedicated', 'c-shared-1'],
];
const prefixes = ['be', 'berth', 'berthprod1'];

whenAvailable(part, 'the module names', () => {
  it('gives each cluster an identifier of its own within RDS’s limits, the same as Berth reads it by', async () => {
    const calls = prefixes.flatMap((prefix) => clusterIds.map((clusterId) => [prefix, clusterId] as const));
    const root = {
      module: {
        named: {
          source: './names',
          for_each: Object.fromEntries(
            calls.map(([prefix, cluster_id]) => [`${prefix}/${cluster_id}`, { prefix, cluster_id }]),
          ),
          prefix: '${each.value.prefix}',
          cluster_id: '${each.value.cluster_id}',
        },
      },
      output: { names: { value: '${module.named}' } },
    };
    const terraform = await terraformFolder(found!.program, names, root);
    const { code, said } = await terraform.run(['apply', '-auto-approve', '-input=false', '-no-color']);
    expect([code, said]).toEqual([0, expect.stringContaining('Apply complete!')]);
    const outputs = JSON.parse((await terraform.run(['output', '-json', 'names'])).said) as Record<
      string,
      { identifier: string; tenant_id: string | null; generation: number | null; final_snapshot_prefix: string }
    >;
    await terraform.remove();
    expect(new Set(Object.values(outputs).map(({ identifier }) => identifier)).size).toBe(calls.length);
    for (const [prefix, clusterId] of calls) {
      const made = outputs[`${prefix}/${clusterId}`]!;
      expect(made.identifier).toMatch(/^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,62}$/);
      expect(made.identifier).toBe(rdsIdentifier(prefix, clusterId));
      // A UUID is appended to it; a snapshot's name may have 255 characters.
      expect(`${made.final_snapshot_prefix}-${'0'.repeat(36)}`.length).toBeLessThanOrEqual(255);
      const parts = /^dedicated-(.+)-g(\d+)$/.exec(clusterId);
      expect([made.tenant_id, made.generation]).toEqual(parts === null ? [null, null] : [parts[1], Number(parts[2])]);
    }
  });

  describe('refuses', () => {
    const root = {
      variable: { prefix: { default: 'berth' }, cluster_id: { default: 'dedicated-acme-g1' } },
      module: { one: { source: './names', prefix: '${var.prefix}', cluster_id: '${var.cluster_id}' } },
    };
    let terraform: Awaited<ReturnType<typeof terraformFolder>>;
    const plan = async (name: string, value: string): ReturnType<typeof terraform.run> =>
      terraform.run(['plan', '-input=false', '-no-color', '-var', `${name}=${value}`]);
    beforeAll(async () => {
      terraform = await terraformFolder(found!.program, names, root);
    });
    afterAll(async () => terraform.remove());

    it('nothing that is right', async () => {
      expect(await plan('prefix', 'berth')).toMatchObject({ code: 0 });
    });

    it.each([
      ['prefix', 'Berth'],
      ['prefix', 'be-rth'],
      ['prefix', 'b'],
      ['prefix', 'berthprod12'],
      ['cluster_id', 'A'],
      ['cluster_id', 'a_b'],
      ['cluster_id', 'a--b'],
      ['cluster_id', 'a-'],
      ['cluster_id', 'dedicated-ab-g1'],
      ['cluster_id', `dedicated-${'a'.repeat(41)}-g1`],
      ['cluster_id', `shared-${'1'.repeat(60)}`],
    ])('the %s %s', async (name, value) => {
      const { code, said } = await plan(name, value);
      expect([code, said]).toEqual([1, expect.stringContaining('Invalid value for variable')]);
    });
  });
});
