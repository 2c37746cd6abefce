import { fenceTrigger } from '../fence/fence-queries.js';
import { gateTrigger } from '../gate/gate-triggers.js';

/** Numbers of the system catalogs in which an entry lives: fixed in PostgreSQL, and no name of a tenant's can imitate them. */
const catalogOf = { schema: '2615', trigger: '2620' };

/**
 * The lines of `pg_restore -l` that are restored: without the schema itself and its grants (they are there, made by Berth),
 * and without fence and gate, which may stand on the source while it is dumped.
 */
export function restoreList(listing: string): readonly string[] {
  return listing.split('\n').filter((line) => {
    const entry = /^\d+; (\d+) \d+ (.*)$/.exec(line);
    if (entry === null) return false;
    const [, catalog, rest = ''] = entry;
    if (catalog === catalogOf.schema && rest.startsWith('SCHEMA ')) return false;
    if (catalog === '0' && rest.startsWith('ACL - SCHEMA ')) return false;
    const trigger = catalog === catalogOf.trigger && rest.startsWith('TRIGGER ') ? rest.split(' ').at(-2) : undefined;
    return trigger !== fenceTrigger && trigger !== gateTrigger;
  });
}
