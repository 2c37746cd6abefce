import { fenceTrigger } from '../fence/fence-queries.js';
import { gateTrigger } from '../gate/gate-triggers.js';

/** Numbers of the system catalogs in which an entry lives: fixed in PostgreSQL, and no name of a tenant's can imitate them. */
const catalogOf = { schema: '2615', trigger: '2620' };

/**
 * `after-rows` and `between-tables` are the two halves of `post-data`: keys that span tables need the rows of both of one moment. Comments of
 * all constraints go with the second, as their lines do not tell which kind they are of.
 */
export type RestoredSection = 'pre-data' | 'post-data' | 'after-rows' | 'between-tables';

const spansTables = /^(FK CONSTRAINT |COMMENT \S+ CONSTRAINT )/;

function isOfSection(entry: string, section: RestoredSection | undefined): boolean {
  if (section === 'after-rows') return !spansTables.test(entry);
  return section !== 'between-tables' || spansTables.test(entry);
}

/**
 * The lines of `pg_restore -l` that are restored: without the schema itself and its grants (they are there, made by Berth),
 * and without fence and gate, which may stand on the source while it is dumped.
 */
export function restoreList(listing: string, section?: RestoredSection): readonly string[] {
  return listing.split('\n').filter((line) => {
    const entry = /^\d+; (\d+) \d+ (.*)$/.exec(line);
    if (entry === null) return false;
    const [, catalog, rest = ''] = entry;
    if (!isOfSection(rest, section)) return false;
    if (catalog === catalogOf.schema && rest.startsWith('SCHEMA ')) return false;
    if (catalog === '0' && rest.startsWith('ACL - SCHEMA ')) return false;
    const trigger = catalog === catalogOf.trigger && rest.startsWith('TRIGGER ') ? rest.split(' ').at(-2) : undefined;
    return trigger !== fenceTrigger && trigger !== gateTrigger;
  });
}
