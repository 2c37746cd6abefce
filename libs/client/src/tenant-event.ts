/** What happened to a tenant here, for logs and counters. No event holds a secret. */
export type TenantEvent =
  | { readonly type: 'connected'; readonly tenantId: string; readonly generation: number }
  /** It moved; or, with the same generation, its login was rotated. */
  | { readonly type: 'switched'; readonly tenantId: string; readonly from: number; readonly generation: number }
  | { readonly type: 'retried'; readonly tenantId: string; readonly reason: string; readonly attempt: number }
  /** A move announced its place, and so many connections wait there; no call uses them before the switch. */
  | {
      readonly type: 'prepared';
      readonly tenantId: string;
      readonly generation: number;
      readonly connections: number;
    }
  /** Where tenants are about to go cannot be read: a move finds them without connections there. Told once, until it can be. */
  | { readonly type: 'announcements-failed'; readonly cause: unknown }
  /** The old secret is used on. */
  | { readonly type: 'source-failed'; readonly tenantId: string; readonly cause: unknown }
  /** A rotation may wait for longer. */
  | { readonly type: 'report-failed'; readonly tenantId: string; readonly cause: unknown };
