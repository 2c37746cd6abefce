import { type Check, remark, type Remark, unseen } from '../check.js';
import { atWorkOn, type Evidence } from '../evidence.js';

/** Instances, and Terraform's workspaces, against the clusters that Berth has made. Never destroyed by the doctor: they are data. */
export const instances: Check = {
  name: 'instances',
  examine: (evidence) => {
    const seen = evidence.system?.instances;
    if (seen === undefined) return { findings: [] };
    if ('fault' in seen) return { findings: [], notExamined: [unseen('the list of all instances', seen.fault)] };
    return { findings: [...orphans(evidence, seen.value), ...missing(evidence, seen.value)] };
  },
};

function orphans(evidence: Evidence, ids: readonly string[]): readonly Remark[] {
  const { before, after } = evidence;
  return ids
    .filter((id) => !before.clusters.has(id) && !after.clusters.has(id) && atWorkOn(evidence, id) === undefined)
    .map((id) =>
      remark(
        'warning',
        'instance-orphaned',
        `instance ${id}`,
        'It was made for a cluster that the catalog does not have: it costs, and nobody uses it.',
        `Look what is in it. To end it: in Terraform's working folder, terraform workspace select ${id} && terraform destroy; on a machine without Terraform, stop the server in instances/${id} and delete that folder.`,
      ),
    );
}

function missing(evidence: Evidence, ids: readonly string[]): readonly Remark[] {
  const { before, after } = evidence;
  return [...after.clusters.values()]
    .filter(({ id, managed }) => managed && before.clusters.has(id) && !ids.includes(id))
    .filter(({ id }) => atWorkOn(evidence, id) === undefined)
    .map(({ id }) =>
      remark(
        'error',
        'instance-missing',
        `cluster ${id}`,
        'Berth made an instance for it, and it is not there any more.',
        `By hand: bring it back from a backup, instances/${id} on a machine, its volume and workspace with Terraform. Who lived there: berth tenants list --cluster ${id}`,
      ),
    );
}
