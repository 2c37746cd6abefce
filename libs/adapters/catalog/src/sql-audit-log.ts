import { createHash } from 'node:crypto';
import { type AuditEntry, AuditLog, type Page, type PageRequest, type RecordedAuditEntry } from '@berth/ports';
import type { CatalogDatabase } from './catalog-database.js';
import { auditCursor, keyOf, pageOf } from './page-cursor.js';

interface AuditRow {
  readonly number: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly tenant_id: string | null;
  readonly object: string;
  readonly origin: string | null;
  readonly answer: string;
  readonly operation_id: string | null;
  readonly hash: string;
}

/**
 * One statement, and the chain cannot fork: whoever updates the head second waits for the first, then sees its hash. The head
 * also tells what the newest entry must be. `$9` is the entry as text, the very text that {@link SqlAuditLog.verify} makes.
 */
const append = /* sql */ `
  WITH head AS (
    UPDATE berth.audit_head
    SET number = number + 1,
      hash = encode(sha256(convert_to(hash || E'\\n' || (number + 1)::text || E'\\n' || $9, 'UTF8')), 'hex')
    RETURNING number, hash
  )
  INSERT INTO berth.audit_log (number, at, actor, action, tenant_id, object, origin, answer, operation_id, hash)
  SELECT head.number, $1, $2, $3, $4, $5, $6, $7, $8, head.hash FROM head
`;

const verifyPageRows = 5_000;

export class SqlAuditLog extends AuditLog {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async append(entry: AuditEntry): Promise<void> {
    const at = new Date();
    const { actor, action, tenantId, object, from, answer, operationId } = storable(entry);
    const text = textOf(at, { actor, action, tenantId, object, from, answer, operationId });
    await this.database.rows(append, [at, actor, action, tenantId, object, from, answer, operationId, text]);
  }

  async list(
    filter: { readonly tenantId?: string; readonly actor?: string },
    page: PageRequest,
  ): Promise<Page<RecordedAuditEntry>> {
    const before = keyOf(auditCursor, page);
    const parameters: unknown[] = [];
    const given = (value: unknown): string => `$${String(parameters.push(value))}`;
    const conditions = [
      ...(before === null ? [] : [`number < ${given(before)}`]),
      ...(filter.tenantId === undefined ? [] : [`tenant_id = ${given(filter.tenantId)}`]),
      ...(filter.actor === undefined ? [] : [`actor = ${given(filter.actor)}`]),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const sql = `SELECT * FROM berth.audit_log ${where} ORDER BY number DESC LIMIT ${given(page.limit + 1)}`;
    const rows = await this.database.rows<AuditRow>(sql, parameters);
    return pageOf(auditCursor, page, rows, { item: recordedOf, key: (row) => row.number });
  }

  /** Reads the head first: entries that are appended while it walks lie behind its end. */
  async verify(): Promise<{ readonly entries: number; readonly brokenAt: number | null }> {
    const head = await this.database.one<{ readonly number: string; readonly hash: string }>(
      'SELECT number, hash FROM berth.audit_head',
    );
    const last = Number(head?.number ?? 0);
    let entries = 0;
    let hash = '';
    for (;;) {
      const rows = await this.database.rows<AuditRow>(
        'SELECT * FROM berth.audit_log WHERE number > $1 AND number <= $2 ORDER BY number LIMIT $3',
        [entries, last, verifyPageRows],
      );
      for (const row of rows) {
        const expected = entries + 1;
        hash = hashOf(hash, expected, textOf(row.at, recordedOf(row)));
        if (Number(row.number) !== expected || row.hash !== hash) return { entries, brokenAt: expected };
        entries = expected;
      }
      if (rows.length < verifyPageRows) break;
    }
    const whole = entries === last && head?.hash === hash && !(await this.#hasStrangers(last));
    return { entries, brokenAt: whole ? null : entries + 1 };
  }

  /** Entries with numbers that the chain never gave: below the first, or above the head as it is now. */
  async #hasStrangers(last: number): Promise<boolean> {
    const found = await this.database.one(
      `SELECT 1 FROM berth.audit_log
       WHERE number < 1 OR (number > $1 AND number > (SELECT number FROM berth.audit_head)) LIMIT 1`,
      [last],
    );
    return found !== null;
  }
}

/** What PostgreSQL would not keep as it is (NUL, half a surrogate pair) is replaced before it is hashed. */
function storable(entry: AuditEntry): AuditEntry {
  const clean = <T extends string | null>(text: T): T =>
    (text === null ? null : Buffer.from(text.replaceAll('\0', '\uFFFD'), 'utf8').toString('utf8')) as T;
  return {
    actor: clean(entry.actor),
    action: clean(entry.action),
    tenantId: clean(entry.tenantId),
    object: clean(entry.object),
    from: clean(entry.from),
    answer: clean(entry.answer),
    operationId: clean(entry.operationId),
  };
}

function textOf(at: Date, entry: AuditEntry): string {
  const { actor, action, tenantId, object, from, answer, operationId } = entry;
  return JSON.stringify([at.toISOString(), actor, action, tenantId, object, from, answer, operationId]);
}

function hashOf(before: string, number: number, text: string): string {
  return createHash('sha256')
    .update(`${before}\n${String(number)}\n${text}`, 'utf8')
    .digest('hex');
}

function recordedOf(row: AuditRow): RecordedAuditEntry {
  return {
    number: Number(row.number),
    at: row.at,
    actor: row.actor,
    action: row.action,
    tenantId: row.tenant_id,
    object: row.object,
    from: row.origin,
    answer: row.answer,
    operationId: row.operation_id,
    hash: row.hash,
  };
}
